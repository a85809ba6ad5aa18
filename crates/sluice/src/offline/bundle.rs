//! The bundle: a result together with everything it was computed from, so that anyone can compute it again.
//!
//! Its counterpart is `verify`, which takes nothing from a bundle but its inputs and makes the whole of it anew.

use super::compute::{Computed, WeekTerms};
use super::inputs::{DemandInput, InputFile, Inputs};
use super::judge::Refused;
use super::programme::Programme;
use super::results::ResultFile;
use crate::cli::ResponseForm;
use crate::failure::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluice_rules::scaling::{ENGINE, Line, PoolResult, Sharing, write_derivation};
use sluice_store::tables::record::hexadecimal;
use sluice_wire::rulebooks::SOURCES;

/// The form of the bundle; another form gets another number.
const FORMAT: &str = "sluice-bundle-1";

/// A bundle as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bundle {
    pub(super) format: String,
    pub(super) program: String,
    pub(super) engine: String,
    pub(super) settings: SettingsRecord,
    pub(super) rulebooks: Vec<RulebookRecord>,
    pub(super) inputs: InputsRecord,
    pub(super) refused: Vec<RefusedRecord>,
    pub(super) warnings: Vec<String>,
    pub(super) weeks: Value,
    pub(super) pools: Value,
    pub(super) balances: Value,
    pub(super) files: Vec<FileRecord>,
    /// SHA-256 of everything above it: what no recomputation reaches, such as the digest of a refused file too large to
    /// be kept, cannot be changed unnoticed either.
    pub(super) seal: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsRecord {
    pub(super) rulebook: Option<String>,
    pub(super) dmin: Option<u64>,
    pub(super) responses: String,
    /// The version of the rules that decide by which files were read; none before they had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<i64>,
    /// Why pools were shared again; nothing where demand is shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) again: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulebookRecord {
    pub(super) id: String,
    pub(super) sha256: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputsRecord {
    pub(super) capacity: InputRecord,
    pub(super) demand: Option<Vec<InputRecord>>,
    pub(super) demand_table: Option<InputRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) standings: Option<InputRecord>,
    pub(super) eligible: Option<InputRecord>,
    pub(super) balances: Option<InputRecord>,
}

/// An input: its digest and its content, as text where it is text.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InputRecord {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) base64: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RefusedRecord {
    pub(super) file: String,
    pub(super) codes: Vec<CodeRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeRecord {
    pub(super) code: String,
    pub(super) message: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRecord {
    pub(super) name: String,
    pub(super) size: usize,
    pub(super) sha256: String,
}

/// Makes the bundle of a run and its text.
///
/// # Errors
/// If an input cannot be read again, or the bundle cannot be written as JSON.
pub fn bundle(
    inputs: &Inputs,
    form: ResponseForm,
    programme: &Programme,
    computed: &Computed,
    files: &[ResultFile],
) -> Result<String, Failure> {
    make(PROGRAM, inputs, form, programme, computed, files)
}

/// What wrote the bundle; carried over by a verification, since another release may compute the same.
const PROGRAM: &str = concat!("sluice ", env!("CARGO_PKG_VERSION"));

/// The text of a bundle that a given program wrote.
///
/// # Errors
/// As [`bundle`].
pub(super) fn make(
    program: &str,
    inputs: &Inputs,
    form: ResponseForm,
    Programme { judged, warnings, .. }: &Programme,
    computed: &Computed,
    files: &[ResultFile],
) -> Result<String, Failure> {
    let settings = SettingsRecord {
        rulebook: inputs.settings.rulebook.clone(),
        dmin: inputs.settings.dmin,
        responses: form_word(form).to_owned(),
        reading: inputs.settings.reading.engine(),
        again: match inputs.demand {
            DemandInput::Standings(again, _) => Some(again.word().to_owned()),
            _ => None,
        },
    };
    let mut bundle = Bundle {
        format: FORMAT.to_owned(),
        program: program.to_owned(),
        engine: ENGINE.to_owned(),
        settings,
        rulebooks: rulebook_records(&computed.weeks),
        inputs: inputs_record(inputs)?,
        refused: judged.refused.iter().map(refused_record).collect(),
        warnings: warnings.clone(),
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
    hexadecimal(&Sha256::digest(bytes))
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
    let (mut demand, mut demand_table, mut standings) = (None, None, None);
    match &inputs.demand {
        DemandInput::Files(files) => demand = Some(files.iter().map(input_record).collect::<Result<_, _>>()?),
        DemandInput::Table(file) => demand_table = Some(input_record(file)?),
        DemandInput::Standings(_, file) => standings = Some(input_record(file)?),
    }
    Ok(InputsRecord {
        capacity: input_record(&inputs.capacity)?,
        demand,
        demand_table,
        standings,
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
        "demand": pool.asked(), "counted_demand": pool.total, "allocated": pool.allocated(),
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
    let mut value = json!({
        "party": line.party.as_str(), "demand": line.demand, "counted_demand": line.counted,
        "flat_due": line.flat_due, "flat": line.flat, "unmet": line.unmet,
        "entitlement": line.entitlement.to_string(), "whole": line.entitlement.whole,
        "rounding": rounding, "extra_unit": line.extra, "pro_rata": line.pro_rata(),
        "allocation": line.allocation, "unmet_demand": line.unmet_demand(),
        "opening_balance": line.opening, "closing_balance": line.closing, "derivation": derivation,
    });
    if pool.again.is_some() {
        value["beside"] = json!(line.beside);
        value["afterwards"] = json!(line.afterwards());
    }
    value
}
