//! The bundle: a result together with everything it was computed from, so that anyone can compute it again.
//!
//! [`verify`] takes nothing from a bundle but its inputs, makes the whole bundle anew, and compares.

use super::compute::{Computed, WeekTerms, compute};
use super::inputs::{DemandInput, InputFile, Inputs, Settings, hex};
use super::judge::{Judged, Refused};
use super::programme::programme;
use super::results::{ResultFile, result_files};
use super::terms::Books;
use crate::cli::ResponseForm;
use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_rules::codes::FileCode;
use sluice_rules::scaling::{ENGINE, Line, PoolResult, Sharing, write_derivation};
use sluice_wire::rulebooks::SOURCES;
use std::fs;
use std::path::Path;

/// The form of the bundle; another form gets another number.
const FORMAT: &str = "sluice-bundle-1";

/// A bundle as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    format: String,
    program: String,
    engine: String,
    settings: SettingsRecord,
    rulebooks: Vec<RulebookRecord>,
    inputs: InputsRecord,
    refused: Vec<RefusedRecord>,
    warnings: Vec<String>,
    weeks: Value,
    pools: Value,
    balances: Value,
    files: Vec<FileRecord>,
    /// SHA-256 of everything above it: what no recomputation reaches, such as the digest of a refused file too large to
    /// be kept, cannot be changed unnoticed either.
    seal: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsRecord {
    rulebook: Option<String>,
    dmin: Option<u64>,
    responses: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RulebookRecord {
    id: String,
    sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputsRecord {
    capacity: InputRecord,
    demand: Option<Vec<InputRecord>>,
    demand_table: Option<InputRecord>,
    eligible: Option<InputRecord>,
    balances: Option<InputRecord>,
}

/// An input: its digest and its content, as text where it is text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct InputRecord {
    name: String,
    size: u64,
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedRecord {
    file: String,
    codes: Vec<CodeRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CodeRecord {
    code: String,
    message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecord {
    name: String,
    size: usize,
    sha256: String,
}

/// Makes the bundle of a run and its text.
///
/// # Errors
/// If an input cannot be read again, or the bundle cannot be written as JSON.
pub fn bundle(
    inputs: &Inputs,
    form: ResponseForm,
    judged: &Judged,
    warnings: &[String],
    computed: &Computed,
    files: &[ResultFile],
) -> Result<String, Failure> {
    let settings = SettingsRecord {
        rulebook: inputs.settings.rulebook.clone(),
        dmin: inputs.settings.dmin,
        responses: form_word(form).to_owned(),
    };
    let mut bundle = Bundle {
        format: FORMAT.to_owned(),
        program: concat!("sluice ", env!("CARGO_PKG_VERSION")).to_owned(),
        engine: ENGINE.to_owned(),
        settings,
        rulebooks: rulebook_records(&computed.weeks),
        inputs: inputs_record(inputs)?,
        refused: judged.refused.iter().map(refused_record).collect(),
        warnings: warnings.to_vec(),
        weeks: computed.weeks.iter().map(week_value).collect(),
        pools: computed.pools.iter().map(pool_value).collect(),
        balances: computed.balances.iter().map(balance_value).collect(),
        files: files.iter().map(file_record).collect(),
        seal: String::new(),
    };
    bundle.seal = sha256(to_text(&bundle)?.as_bytes());
    to_text(&bundle)
}

fn to_text(bundle: &Bundle) -> Result<String, Failure> {
    let mut text = serde_json::to_string_pretty(bundle).map_err(Failure::internal)?;
    text.push('\n');
    Ok(text)
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn form_word(form: ResponseForm) -> &'static str {
    match form {
        ResponseForm::Csv => "csv",
        ResponseForm::Xlsx => "xlsx",
    }
}

/// The rulebooks that governed a week, with the digest of their data (RB-4).
fn rulebook_records(weeks: &[WeekTerms]) -> Vec<RulebookRecord> {
    let used = |id: &str| weeks.iter().any(|week| week.terms.rulebook == id);
    let record = |(id, text): &(&str, &str)| RulebookRecord { id: (*id).to_owned(), sha256: sha256(text.as_bytes()) };
    SOURCES.iter().filter(|(id, _)| used(id)).map(record).collect()
}

fn inputs_record(inputs: &Inputs) -> Result<InputsRecord, Failure> {
    let optional = |file: &Option<InputFile>| file.as_ref().map(input_record).transpose();
    let (demand, demand_table) = match &inputs.demand {
        DemandInput::Files(files) => (Some(files.iter().map(input_record).collect::<Result<_, _>>()?), None),
        DemandInput::Table(file) => (None, Some(input_record(file)?)),
    };
    Ok(InputsRecord {
        capacity: input_record(&inputs.capacity)?,
        demand,
        demand_table,
        eligible: optional(&inputs.eligible)?,
        balances: optional(&inputs.balances)?,
    })
}

fn input_record(file: &InputFile) -> Result<InputRecord, Failure> {
    let (size, digest) = file.digest()?;
    let text = file.bytes().and_then(|bytes| std::str::from_utf8(bytes).ok()).map(str::to_owned);
    let base64 = file.bytes().filter(|_| text.is_none()).map(|bytes| STANDARD.encode(bytes));
    Ok(InputRecord { name: file.name.clone(), size, sha256: digest, text, base64 })
}

fn refused_record(refused: &Refused) -> RefusedRecord {
    let codes = refused
        .findings
        .iter()
        .map(|finding| CodeRecord { code: finding.code.code().to_owned(), message: finding.message.clone() });
    RefusedRecord { file: refused.file.clone(), codes: codes.collect() }
}

fn week_value(week: &WeekTerms) -> Value {
    let WeekTerms { s1sp, monday, terms } = week;
    json!({
        "s1sp": s1sp.as_str(), "week": monday.to_string(), "rulebook": terms.rulebook, "dmin": terms.dmin,
        "ceiling_percent": terms.ceiling_percent,
    })
}

fn balance_value(((s1sp, party), balance): (&(sluice_rules::party::S1sp, sluice_rules::party::Party), &i64)) -> Value {
    json!({ "s1sp": s1sp.as_str(), "party": party.as_str(), "balance": balance })
}

fn file_record(file: &ResultFile) -> FileRecord {
    FileRecord { name: file.name.clone(), size: file.content.len(), sha256: sha256(&file.content) }
}

/// A pool with everything that MSM-9 asks for.
pub fn pool_value(pool: &PoolResult) -> Value {
    let mut value = json!({
        "s1sp": pool.s1sp.as_str(), "date": pool.date.to_string(),
        "total_capacity": pool.capacity.total(), "dormant_reserve": pool.capacity.reserve(),
        "capacity": pool.capacity.available(), "dmin": pool.dmin, "parties": pool.lines.len(),
        "total_demand": pool.total, "allocated": pool.allocated(),
    });
    let facts = match &pool.sharing {
        Sharing::Met => json!({ "sharing": "MET" }),
        Sharing::ProRata { rest, unmet } => json!({ "sharing": "PRO_RATA", "rest": rest, "unmet": unmet }),
        Sharing::Short { flat, level } => json!({ "sharing": "SHORT", "flat": flat, "level": level.to_string() }),
    };
    if let (Value::Object(value), Value::Object(facts)) = (&mut value, facts) {
        value.extend(facts);
        value.insert("lines".to_owned(), pool.lines.iter().map(|line| line_value(pool, line)).collect());
    }
    value
}

/// A line with everything that MSM-9 asks for.
pub fn line_value(pool: &PoolResult, line: &Line) -> Value {
    let mut derivation = String::new();
    write_derivation(pool, line, &mut derivation);
    let rounding = line.rounding.as_ref().map(|rounding| {
        json!({
            "rank": rounding.rank, "ranked": rounding.ranked, "units_left": rounding.left,
            "lot": rounding.lot.map(|lot| lot.to_string()),
        })
    });
    json!({
        "party": line.party.as_str(), "demand": line.demand, "counted_demand": line.counted,
        "flat_due": line.flat_due, "flat": line.flat, "unmet": line.unmet,
        "entitlement": line.entitlement.to_string(), "whole": line.entitlement.whole,
        "rounding": rounding, "extra_unit": line.extra, "pro_rata": line.pro_rata(),
        "allocation": line.allocation, "unmet_demand": line.unmet_demand(),
        "opening_balance": line.opening, "closing_balance": line.closing, "derivation": derivation,
    })
}

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
    let form = if found.settings.responses == "xlsx" { ResponseForm::Xlsx } else { ResponseForm::Csv };
    let inputs = inputs_of(&found)?;
    let mut programme = programme(&inputs, books)?;
    carry_over(&found, &inputs, &mut programme.judged);
    let computed = compute(&programme, books)?;
    let files = result_files(&programme.judged, &computed, form)?;
    let again = bundle(&inputs, form, &programme.judged, &programme.warnings, &computed, &files)?;
    let mut verification = Verification {
        files_compared: 0,
        files_absent: Vec::new(),
        difference: first_difference(text, &again)?,
        rulebooks: found.rulebooks.iter().map(|record| record.id.clone()).collect(),
        refused: found.refused.len(),
        inputs: inputs_count(&found),
        computed,
    };
    compare_files(path, &files, &mut verification)?;
    Ok(verification)
}

fn inputs_count(bundle: &Bundle) -> usize {
    let InputsRecord { demand, demand_table, eligible, balances, .. } = &bundle.inputs;
    let single = [demand_table, eligible, balances].into_iter().flatten().count();
    1 + single + demand.as_ref().map_or(0, Vec::len)
}

fn inputs_of(bundle: &Bundle) -> Result<Inputs, Failure> {
    let record = &bundle.inputs;
    let optional = |file: &Option<InputRecord>| file.as_ref().map(input_of).transpose();
    let demand = match (&record.demand, &record.demand_table) {
        (Some(files), None) => DemandInput::Files(files.iter().map(input_of).collect::<Result<_, _>>()?),
        (None, Some(table)) => DemandInput::Table(input_of(table)?),
        _ => return Err(Failure::Use("the bundle must hold either demand files or a demand table".to_owned())),
    };
    Ok(Inputs {
        capacity: input_of(&record.capacity)?,
        demand,
        eligible: optional(&record.eligible)?,
        balances: optional(&record.balances)?,
        settings: Settings { rulebook: bundle.settings.rulebook.clone(), dmin: bundle.settings.dmin },
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
