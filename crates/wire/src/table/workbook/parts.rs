//! The parts that say where the sheets are and which cells are dates.

use super::guard::{attribute, broken};
use super::package::Package;
use crate::finding::FileFinding;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// What is needed of a workbook's own part.
pub(super) struct Workbook {
    /// The sheets in order.
    pub sheets: Vec<Sheet>,
    /// Do dates count from 1904?
    pub from_1904: bool,
    /// Is it to be calculated when it is opened?
    pub calculates: bool,
    /// Where the shared texts are.
    pub strings: Option<String>,
    /// Where the styles are.
    pub styles: Option<String>,
}

/// A sheet and where it is.
pub(super) struct Sheet {
    /// Its name.
    pub name: String,
    /// Is it hidden?
    pub hidden: bool,
    /// The path of its part.
    pub path: String,
}

/// More sheets, relations or formats than this have no use in a file of ours.
const MAX_ITEMS: usize = 1_000;

/// Elements of a description; spreadsheet programs write up to 64,000 cell styles of a few elements each.
const MAX_ELEMENTS: usize = 1_000_000;

/// Takes one start element of a part.
type OnStart<'a> = &'a mut dyn FnMut(&BytesStart<'_>);

/// Hands on every start element of a part.
fn each_start(package: &mut Package<'_>, path: &str, on_start: OnStart<'_>) -> Result<(), FileFinding> {
    let mut xml = package.part(path)?;
    let mut count = 0;
    loop {
        match xml.next()? {
            Event::Start(element) => {
                count += 1;
                if count > MAX_ELEMENTS {
                    return Err(broken("its description is larger than any real one"));
                }
                on_start(&element);
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A relation of one part to another.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

fn relations(package: &mut Package<'_>, path: &str) -> Result<Vec<Relation>, FileFinding> {
    let mut relations = Vec::new();
    each_start(package, path, &mut |element| {
        if element.local_name().as_ref() == "Relationship" && relations.len() < MAX_ITEMS {
            let part = |name| attribute(element, name).unwrap_or_default();
            // The kind is an address; only its last step tells the kinds apart in both dialects of the format.
            let kind = part("Type").rsplit('/').next().unwrap_or_default().to_owned();
            relations.push(Relation { id: part("Id"), kind, target: part("Target") });
        }
    })?;
    Ok(relations)
}

/// Reads the list of sheets and where everything is.
pub(super) fn workbook(package: &mut Package<'_>) -> Result<Workbook, FileFinding> {
    let roots = relations(package, "_rels/.rels")?;
    let Some(root) = roots.iter().find(|relation| relation.kind == "officeDocument") else {
        return Err(broken("it is an archive, but not of a workbook"));
    };
    let path = root.target.trim_start_matches('/').to_owned();
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path.as_str()));
    let relations = relations(package, &format!("{folder}/_rels/{file}.rels"))?;
    let resolve = |target: &str| match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let by_kind = |kind: &str| relations.iter().find(|relation| relation.kind == kind);
    let mut book = Workbook {
        sheets: Vec::new(),
        from_1904: false,
        calculates: false,
        strings: by_kind("sharedStrings").map(|relation| resolve(&relation.target)),
        styles: by_kind("styles").map(|relation| resolve(&relation.target)),
    };
    // Strangers choose the ids, of any length, and how often each is asked for. The first of an id counts.
    let mut targets: HashMap<&str, &str> = HashMap::new();
    for relation in &relations {
        targets.entry(&relation.id).or_insert(&relation.target);
    }
    each_start(package, &path, &mut |element| match element.local_name().as_ref() {
        "workbookPr" => {
            book.from_1904 = matches!(attribute(element, "date1904").as_deref(), Some("1" | "true"));
        }
        "calcPr" => {
            book.calculates = matches!(attribute(element, "fullCalcOnLoad").as_deref(), Some("1" | "true"));
        }
        "sheet" if book.sheets.len() < MAX_ITEMS => {
            let (name, id) = (attribute(element, "name"), attribute(element, "id"));
            let target = id.and_then(|id| targets.get(id.as_str()));
            if let (Some(name), Some(target)) = (name, target) {
                let hidden = matches!(attribute(element, "state").as_deref(), Some("hidden" | "veryHidden"));
                book.sheets.push(Sheet { name, hidden, path: resolve(target) });
            }
        }
        _ => {}
    })?;
    Ok(book)
}

/// For each cell style in order: does it show a number as a date?
pub(super) fn date_styles(package: &mut Package<'_>, path: &str) -> Result<Vec<bool>, FileFinding> {
    let mut formats: HashMap<String, bool> = HashMap::new();
    let mut styles = Vec::new();
    let mut in_cell_styles = false;
    each_start(package, path, &mut |element| match element.local_name().as_ref() {
        "numFmt" if formats.len() < MAX_ITEMS => {
            let code = attribute(element, "formatCode").unwrap_or_default();
            // The first of an id counts.
            formats.entry(attribute(element, "numFmtId").unwrap_or_default()).or_insert_with(|| is_date_code(&code));
        }
        "cellXfs" => in_cell_styles = true,
        "cellStyles" | "dxfs" => in_cell_styles = false,
        "xf" if in_cell_styles => {
            let id = attribute(element, "numFmtId").unwrap_or_default();
            styles.push(formats.get(&id).copied().unwrap_or_else(|| is_date_id(&id)));
        }
        _ => {}
    })?;
    Ok(styles)
}

/// The built-in formats that show a date, those of East Asian editions included.
fn is_date_id(id: &str) -> bool {
    matches!(id.parse::<u32>(), Ok(14..=22 | 27..=36 | 45..=47 | 50..=58))
}

/// Does a format code hold a part of a date or time, outside quoted text, escapes and brackets?
fn is_date_code(code: &str) -> bool {
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => drop(characters.by_ref().find(|&next| next == '"')),
            '[' => drop(characters.by_ref().find(|&next| next == ']')),
            '\\' | '_' | '*' => drop(characters.next()),
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' => return !code.eq_ignore_ascii_case("general"),
            // Only the first section is about positive numbers, which dates are.
            ';' => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_formats_are_told_from_number_formats() {
        for code in ["yyyy-mm-dd", "dd/mm/yyyy", "[$-809]d mmmm yyyy", "h:mm"] {
            assert!(is_date_code(code), "{code}");
        }
        for code in ["General", "0", "#,##0.00", "0.00E+00", "\"days\" 0", "[Red]0", "0;yyyy"] {
            assert!(!is_date_code(code), "{code}");
        }
        assert!(is_date_id("14") && !is_date_id("0") && !is_date_id("49"));
    }
}
