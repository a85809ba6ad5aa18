//! `sluice verify`.

use crate::cli::Verify;
use crate::failure::{Done, Failure, Outcome};
use crate::offline::{Books, Verification, verify};
use crate::print::{print_json, print_line};
use crate::show::{count, progress};
use serde_json::json;

/// Runs `sluice verify`.
///
/// # Errors
/// If it could not do its work.
pub fn run(args: &Verify) -> Outcome {
    progress("Recomputing…");
    let verification = verify(&args.bundle, &Books::load()?)?;
    progress("");
    if args.json {
        print_json(&json!({
            "bundle": args.bundle.display().to_string(), "verified": verification.difference.is_none(),
            "difference": verification.difference, "pools": verification.computed.pools.len(),
            "files_compared": verification.files_compared, "files_absent": verification.files_absent,
        }))?;
    } else {
        print(args, &verification)?;
    }
    Ok(Done::unless(verification.difference.is_some()))
}

fn print(args: &Verify, verification: &Verification) -> Result<(), Failure> {
    let pools = &verification.computed.pools;
    let lines: usize = pools.iter().map(|pool| pool.lines.len()).sum();
    if let Some(difference) = &verification.difference {
        print_line(&format!("{} DOES NOT VERIFY", args.bundle.display()))?;
        print_line(&format!("First difference: {difference}"))?;
        return print_line("Do not rely on this result; ask whoever gave it to you for the original.");
    }
    print_line(&format!("{} verifies: recomputed from its inputs, byte for byte the same.", args.bundle.display()))?;
    print_line(&format!(
        "  {} read again, {} of them refused; rulebook {}",
        count(verification.inputs, "input"),
        verification.refused,
        verification.rulebooks.join(", ")
    ))?;
    let balances = count(verification.computed.balances.len(), "closing balance");
    print_line(&format!(
        "  {}, {} with their derivations, {balances}",
        count(pools.len(), "pool"),
        count(lines, "line")
    ))?;
    print_line(&format!("  {} beside the bundle compared", count(verification.files_compared, "file")))?;
    if !verification.files_absent.is_empty() {
        print_line(&format!("  not here, so not compared: {}", verification.files_absent.join(", ")))?;
    }
    Ok(())
}
