//! `sluice scale`.

use crate::cli::{ResponseForm, Scale};
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{
    Books, Computed, DemandInput, InputFile, Inputs, Judged, Programme, Settings, bundle, compute, compute_streaming,
    programme, result_files, sha256,
};
use crate::output::Staged;
use crate::print::{Lines, complain, print_json, print_line};
use crate::report::{About, report};
use crate::show::{count, progress, table};
use serde_json::{Value, json};
use sluice_rules::scaling::{PoolResult, Sharing};
use sluice_wire::reference::write_balances;
use sluice_wire::report::Link;
use sluice_wire::response::allocation_header;

/// More pools than this are summed up by S1SP in the summary.
const POOLS_SHOWN: usize = 60;

/// Runs `sluice scale`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Scale) -> Outcome {
    if args.table_only {
        return table_only(args);
    }
    let result = execute(args, None, &[])?;
    if args.json {
        print_json(&summary_json(args, &result))?;
    } else {
        print_summary(args, &result)?;
    }
    Ok(Done::unless(!result.programme.judged.refused.is_empty()))
}

/// What a run came to.
pub struct Executed {
    /// The inputs as they were understood.
    pub programme: Programme,
    /// The results.
    pub computed: Computed,
}

/// Scales, and writes the whole result with its bundle and its report. `note` is a remark on the report, `links` lead to
/// pages beside it.
///
/// # Errors
/// If DCC's own input cannot be used or the result cannot be written; then nothing is.
pub fn execute(args: &Scale, note: Option<&str>, links: &[Link]) -> Result<Executed, Failure> {
    let books = Books::load()?;
    let staged = Staged::new(&args.out, args.report.as_deref(), args.force)?;
    progress("Reading…");
    let mut inputs = read_inputs(args)?;
    let programme = programme(&inputs, &books)?;
    warn(&programme);
    progress("Sharing the capacity…");
    keep_taken(&mut inputs, &programme.judged)?;
    let (computed, text) = write_result(&staged, &inputs, &programme, args.responses, &books)?;
    let about = About { note, links, bundle: &sha256(text.as_bytes()) };
    let page = args.report.as_ref().map(|_| report(&programme, &computed, &books, &about)).transpose()?;
    staged.finish(page.as_deref().map(str::as_bytes))?;
    progress("");
    Ok(Executed { programme, computed })
}

/// Scales a programme and writes its files and its bundle into a folder, which is still to be finished; gives the result and the
/// bundle's text.
///
/// # Errors
/// If an input cannot be used, or a file cannot be written.
pub fn write_result(
    staged: &Staged,
    inputs: &Inputs,
    programme: &Programme,
    form: ResponseForm,
    books: &Books,
) -> Result<(Computed, String), Failure> {
    let computed = compute(programme, books)?;
    progress("Writing…");
    let files = result_files(&programme.judged, &computed, form)?;
    let text = bundle(inputs, form, programme, &computed, &files)?;
    for file in &files {
        staged.write(&file.name, &file.content)?;
    }
    staged.write("bundle.json", text.as_bytes())?;
    Ok((computed, text))
}

fn warn(programme: &Programme) {
    progress("");
    for warning in &programme.warnings {
        complain(&format!("sluice: warning: {warning}"));
    }
}

fn read_inputs(args: &Scale) -> Result<Inputs, Failure> {
    let optional = |path: &Option<std::path::PathBuf>| path.as_deref().map(InputFile::open).transpose();
    let mut inputs = Inputs {
        capacity: InputFile::open(&args.capacity)?,
        demand: match &args.demand.demand_table {
            Some(path) => DemandInput::Table(InputFile::open(path)?),
            None => DemandInput::from_paths(&args.demand.demand)?,
        },
        eligible: optional(&args.eligible)?,
        balances: optional(&args.balances)?,
        settings: Settings { rulebook: args.rulebook.clone(), dmin: args.dmin, ..Settings::default() },
    };
    if !args.table_only {
        // The bundle holds DCC's own tables whole, whatever their size.
        let Inputs { capacity, demand, eligible, balances, .. } = &mut inputs;
        let table = if let DemandInput::Table(table) = demand { Some(table) } else { None };
        for file in [Some(capacity), table, eligible.as_mut(), balances.as_mut()].into_iter().flatten() {
            file.keep()?;
        }
    }
    Ok(inputs)
}

/// Every file that is taken stands in the bundle; refused ones only if they are small.
fn keep_taken(inputs: &mut Inputs, judged: &Judged) -> Result<(), Failure> {
    if let DemandInput::Files(files) = &mut inputs.demand {
        for (place, _) in &judged.taken {
            files[*place].keep()?;
        }
    }
    Ok(())
}

/// Scales, and writes the table and the balances as they come, without keeping the results.
fn table_only(args: &Scale) -> Outcome {
    if args.report.is_some() {
        return Err(Failure::Use("--report needs the whole result; leave out --table-only".to_owned()));
    }
    let books = Books::load()?;
    let staged = Staged::new(&args.out, None, args.force)?;
    progress("Reading…");
    let programme = programme(&read_inputs(args)?, &books)?;
    warn(&programme);
    progress("Sharing the capacity and writing…");
    let table = "allocation.csv";
    let balances = staged.write_with(table, |file| {
        let failed = |error| staged.failed(table, &error);
        file.write_all(allocation_header().as_bytes()).map_err(failed)?;
        compute_streaming(&programme, &books, file, &failed)
    })?;
    staged.write("balances.csv", write_balances(&balances).as_bytes())?;
    staged.finish(None)?;
    progress("");
    let refused = &programme.judged.refused;
    if args.json {
        print_json(&json!({
            "out": args.out.display().to_string(), "refused": refused_json(&programme), "warnings": programme.warnings,
        }))?;
    } else {
        print_refused(&programme)?;
        print_line(&format!("Written: allocation.csv and balances.csv in {}", args.out.display()))?;
    }
    Ok(Done::unless(!refused.is_empty()))
}

/// How a pool was shared, in a word.
fn sharing_word(pool: &PoolResult) -> &'static str {
    match pool.sharing {
        _ if pool.capacity.available() == 0 => "no capacity",
        Sharing::Met if pool.total == 0 => "nothing asked",
        Sharing::Met => "all met",
        Sharing::ProRata { .. } => "scaled",
        Sharing::Short { .. } => "scaled, flat part short",
    }
}

fn print_summary(args: &Scale, Executed { programme, computed }: &Executed) -> Result<(), Failure> {
    print_line(&summary_table(&computed.pools))?;
    print_refused(programme)?;
    let responses = count(programme.judged.taken.len(), "Demand Response");
    let out = args.out.display();
    print_line(&format!("Written: allocation.csv, balances.csv, {responses} and bundle.json in {out}"))?;
    if let Some(path) = &args.report {
        print_line(&format!("Report:  {}", path.display()))?;
    }
    print_line(&format!("Verify:  sluice verify {}", args.out.join("bundle.json").display()))
}

/// Each pool, or, where they are many, each S1SP.
pub fn summary_table(pools: &[PoolResult]) -> Lines {
    if pools.len() <= POOLS_SHOWN {
        let header = ["S1SP", "Day", "Capacity", "Asked", "Counted", "Allocated", "Parties", "Sharing"];
        return table(&header, pools.iter().map(pool_row));
    }
    let header = ["S1SP", "Days", "Capacity", "Asked", "Counted", "Allocated", "Scaled days"];
    let rows = pools.chunk_by(|left, right| left.s1sp == right.s1sp).map(|pools| {
        let sum = |value: fn(&PoolResult) -> u64| pools.iter().map(value).sum::<u64>().to_string();
        let scaled = pools.iter().filter(|pool| !matches!(pool.sharing, Sharing::Met)).count();
        let capacity = sum(|pool| pool.capacity.available());
        vec![
            pools[0].s1sp.to_string(),
            pools.len().to_string(),
            capacity,
            sum(PoolResult::asked),
            sum(|pool| pool.total),
            sum(PoolResult::allocated),
            scaled.to_string(),
        ]
    });
    table(&header, rows)
}

fn pool_row(pool: &PoolResult) -> Vec<String> {
    let asking = pool.lines.iter().filter(|line| line.demand > 0).count();
    vec![
        pool.s1sp.to_string(),
        pool.date.strftime("%a %Y-%m-%d").to_string(),
        pool.capacity.available().to_string(),
        pool.asked().to_string(),
        pool.total.to_string(),
        pool.allocated().to_string(),
        asking.to_string(),
        sharing_word(pool).to_owned(),
    ]
}

/// Lists the refused files with their codes.
pub fn print_refused(programme: &Programme) -> Result<(), Failure> {
    for refused in &programme.judged.refused {
        for finding in &refused.findings {
            let file = sluice_wire::text::shown(&refused.file);
            print_line(&format!("Refused: {file}: {} {}", finding.code, finding.message))?;
        }
    }
    Ok(())
}

fn refused_json(programme: &Programme) -> Value {
    let refused = programme.judged.refused.iter().map(|refused| {
        let codes: Vec<&str> = refused.findings.iter().map(|finding| finding.code.code()).collect();
        let messages: Vec<&str> = refused.findings.iter().map(|finding| finding.message.as_str()).collect();
        json!({ "file": refused.file, "codes": codes, "message": messages.join("; ") })
    });
    refused.collect()
}

fn summary_json(args: &Scale, Executed { programme, computed }: &Executed) -> Value {
    let pools: Vec<Value> = computed
        .pools
        .iter()
        .map(|pool| {
            json!({
                "s1sp": pool.s1sp.as_str(), "date": pool.date.to_string(), "capacity": pool.capacity.available(),
                "demand": pool.asked(), "counted_demand": pool.total, "allocated": pool.allocated(), "scaled": !matches!(pool.sharing, Sharing::Met),
            })
        })
        .collect();
    json!({
        "out": args.out.display().to_string(), "pools": pools, "refused": refused_json(programme),
        "warnings": programme.warnings,
    })
}
