//! Verification: a bundle is made anew from nothing but its inputs, and compared byte for byte.

use super::bundle::{Bundle, InputRecord, InputsRecord, make, sha256};
use super::compute::{Computed, compute};
use super::inputs::{DemandInput, InputFile, Inputs};
use super::judge::Judged;
use super::programme::programme;
use super::results::{ResultFile, result_files};
use crate::cli::ResponseForm;
use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sluice_rules::codes::FileCode;
use sluice_rules::scaling::ENGINE;
use sluice_service::books::rulebooks::{Books, Settings};
use sluice_wire::limits::Reading;
use std::fs;
use std::path::Path;

/// What a verification found.
pub struct Verification {
    /// The results as they were recomputed.
    pub computed: Computed,
    /// How many files beside the bundle were compared.
    pub files_compared: usize,
    /// Files that are not beside the bundle and so were not compared.
    pub files_absent: Vec<String>,
    /// The first difference; nothing if all is as it was.
    pub difference: Option<String>,
    /// The rulebooks of the result.
    pub rulebooks: Vec<String>,
    /// How many files were refused.
    pub refused: usize,
    /// How many inputs were read again.
    pub inputs: usize,
}

/// Recomputes everything from the inputs in a bundle and compares byte for byte.
///
/// # Errors
/// If the file is no bundle, or its inputs cannot be scaled.
pub fn verify(path: &Path, books: &Books) -> Result<Verification, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::read(path, &error))?;
    let no_bundle = |error: String| Failure::Use(format!("{} is not a bundle: {error}", path.display()));
    let text = std::str::from_utf8(&bytes).map_err(|error| no_bundle(error.to_string()))?;
    let found: Bundle = serde_json::from_str(text).map_err(|error| no_bundle(error.to_string()))?;
    let mut verification = Verification {
        files_compared: 0,
        files_absent: Vec::new(),
        difference: altered_input(&found.inputs),
        rulebooks: found.rulebooks.iter().map(|record| record.id.clone()).collect(),
        refused: found.refused.len(),
        inputs: inputs_of_record(&found.inputs).count(),
        computed: Computed::default(),
    };
    if verification.difference.is_none() && found.engine != ENGINE {
        let words = format!("engine: it was made by scaling engine {}, this program has {ENGINE}", found.engine);
        verification.difference = Some(words);
    }
    if verification.difference.is_none() {
        match recompute(path, text, &found, books, &mut verification) {
            // Inputs with the right digests that cannot be scaled were never the inputs of a result.
            Err(Failure::Use(message)) => verification.difference = Some(format!("inputs: {message}")),
            result => result?,
        }
    }
    Ok(verification)
}

fn recompute(
    path: &Path,
    text: &str,
    found: &Bundle,
    books: &Books,
    verification: &mut Verification,
) -> Result<(), Failure> {
    let form = if found.settings.responses == "xlsx" { ResponseForm::Xlsx } else { ResponseForm::Csv };
    let inputs = inputs_of(found)?;
    let mut programme = programme(&inputs, books)?;
    carry_over(found, &inputs, &mut programme.judged);
    let computed = compute(&programme, books)?;
    let files = result_files(&programme.judged, &computed, form)?;
    let again = make(&found.program, &inputs, form, &programme, &computed, &files)?;
    verification.difference = first_difference(text, &again)?;
    verification.computed = computed;
    compare_files(path, &files, verification)
}

/// The first input whose content is not what its digest says.
fn altered_input(inputs: &InputsRecord) -> Option<String> {
    let digest = |record: &InputRecord| {
        let file = input_of(record).ok()?;
        let bytes = file.bytes()?;
        Some((u64::try_from(bytes.len()).ok()?, sha256(bytes)))
    };
    let altered = |record: &&InputRecord| {
        let kept = record.text.is_some() || record.base64.is_some();
        kept && digest(record).is_none_or(|(size, sha256)| size != record.size || Some(sha256) != record.sha256)
    };
    let record = inputs_of_record(inputs).find(altered)?;
    Some(format!("inputs, {}: its content is not what its size and SHA-256 say", record.name))
}

fn inputs_of_record(inputs: &InputsRecord) -> impl Iterator<Item = &InputRecord> {
    let InputsRecord { capacity, demand, demand_table, standings, eligible, balances } = inputs;
    let single = [Some(capacity), demand_table.as_ref(), standings.as_ref(), eligible.as_ref(), balances.as_ref()];
    single.into_iter().flatten().chain(demand.iter().flatten())
}

fn inputs_of(bundle: &Bundle) -> Result<Inputs, Failure> {
    let record = &bundle.inputs;
    let optional = |file: &Option<InputRecord>| file.as_ref().map(input_of).transpose();
    let again = bundle.settings.again.as_ref().map(|word| word.parse().map_err(Failure::usage)).transpose()?;
    let demand = match (&record.demand, &record.demand_table, &record.standings, again) {
        (Some(files), None, None, None) => DemandInput::Files(files.iter().map(input_of).collect::<Result<_, _>>()?),
        (None, Some(table), None, None) => DemandInput::Table(input_of(table)?),
        (None, None, Some(table), Some(again)) => DemandInput::Standings(again, input_of(table)?),
        _ => {
            let message = "the bundle must hold demand files, a demand table, or what stood when it was shared again";
            return Err(Failure::Use(message.to_owned()));
        }
    };
    Ok(Inputs {
        capacity: input_of(&record.capacity)?,
        demand,
        eligible: optional(&record.eligible)?,
        balances: optional(&record.balances)?,
        settings: Settings {
            rulebook: bundle.settings.rulebook.clone(),
            dmin: bundle.settings.dmin,
            reading: bundle.settings.reading.map_or(Reading::Earlier, Reading::of_engine),
        },
    })
}

fn input_of(record: &InputRecord) -> Result<InputFile, Failure> {
    let name = record.name.clone();
    match (&record.text, &record.base64) {
        (Some(text), _) => Ok(InputFile::from_bytes(name, text.clone().into_bytes())),
        (None, Some(base64)) => {
            let bytes =
                STANDARD.decode(base64).map_err(|error| Failure::Use(format!("{name} in the bundle: {error}")))?;
            Ok(InputFile::from_bytes(name, bytes))
        }
        (None, None) => Ok(InputFile::gone(name, record.size, record.sha256.clone())),
    }
}

/// The verdict on a refused file that was too large to be kept is taken from the bundle; the seal holds it.
fn carry_over(found: &Bundle, inputs: &Inputs, judged: &mut Judged) {
    let DemandInput::Files(files) = &inputs.demand else { return };
    for refused in &mut judged.refused {
        if files[refused.place].bytes().is_some() {
            continue;
        }
        let Some(record) = found.refused.iter().find(|record| record.file == refused.file) else { continue };
        refused.findings = record
            .codes
            .iter()
            .filter_map(|code| {
                let known = FileCode::ALL.iter().find(|known| known.code() == code.code)?;
                Some(sluice_wire::FileFinding::new(*known, code.message.clone()))
            })
            .collect();
    }
}

/// The first place at which two bundles differ, in the order of the text.
fn first_difference(found: &str, again: &str) -> Result<Option<String>, Failure> {
    if found == again {
        return Ok(None);
    }
    let left: Value = serde_json::from_str(found).map_err(Failure::usage)?;
    let right: Value = serde_json::from_str(again).map_err(Failure::internal)?;
    if let Some(difference) = compare("", &left, &right) {
        return Ok(Some(difference));
    }
    let place = found.bytes().zip(again.bytes()).take_while(|(left, right)| left == right).count();
    Ok(Some(format!("byte {place}: the values agree, but the text is not written as it was")))
}

fn compare(path: &str, found: &Value, again: &Value) -> Option<String> {
    match (found, again) {
        (Value::Object(left), Value::Object(right)) => {
            let path_of = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let differing = left.iter().find_map(|(key, value)| match right.get(key) {
                Some(other) => compare(&path_of(key), value, other),
                None => Some(format!("{}: not in the recomputed result", path_of(key))),
            });
            let missing = || right.keys().find(|key| !left.contains_key(*key));
            differing.or_else(|| missing().map(|key| format!("{}: missing in the bundle", path_of(key))))
        }
        (Value::Array(left), Value::Array(right)) => {
            let differing =
                left.iter().zip(right).enumerate().find_map(|(index, (value, other))| {
                    compare(&format!("{path}[{}]", label(index, other)), value, other)
                });
            let lengths = || format!("{path}: the bundle has {} entries, recomputed are {}", left.len(), right.len());
            differing.or_else(|| (left.len() != right.len()).then(lengths))
        }
        (left, right) if left == right => None,
        (left, right) => Some(format!("{path}: the bundle has {}, recomputed is {}", short(left), short(right))),
    }
}

/// An entry of a list by what a person would call it.
fn label(index: usize, entry: &Value) -> String {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    match (text("s1sp"), text("date").or_else(|| text("week")), text("party"), text("name").or_else(|| text("file"))) {
        (Some(s1sp), Some(date), ..) => format!("{s1sp} {date}"),
        (Some(s1sp), None, Some(party), _) => format!("{party} {s1sp}"),
        (None, _, Some(party), _) => party.to_owned(),
        (.., Some(name)) => name.to_owned(),
        _ => index.to_string(),
    }
}

fn short(value: &Value) -> String {
    sluice_wire::text::shown(&value.to_string())
}

/// Compares the files that stand beside the bundle with what was recomputed.
fn compare_files(bundle: &Path, files: &[ResultFile], verification: &mut Verification) -> Result<(), Failure> {
    let folder = bundle.parent().unwrap_or(Path::new(""));
    for file in files {
        let path = folder.join(&file.name);
        match fs::read(&path) {
            Ok(content) if content == file.content => verification.files_compared += 1,
            Ok(content) => {
                let place = content.iter().zip(&file.content).take_while(|(left, right)| left == right).count();
                let line = content[..place].iter().filter(|&&byte| byte == b'\n').count() + 1;
                let words = format!("{}: differs from the recomputed file in line {line} (byte {place})", file.name);
                verification.difference.get_or_insert(words);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                verification.files_absent.push(file.name.clone());
            }
            Err(error) => return Err(Failure::read(&path, &error)),
        }
    }
    Ok(())
}
