//! The files that a run writes.

use super::compute::Computed;
use super::judge::Judged;
use crate::cli::ResponseForm;
use crate::failure::Failure;
use sluice_rules::calendar::monday_of;
use sluice_rules::file::FileKind;
use sluice_rules::scaling::stage::ResultStage;
use sluice_rules::scaling::{Line, PoolResult};
use sluice_wire::demand::DemandCommitment;
use sluice_wire::reference::write_balances;
use sluice_wire::response::{allocation_header, push_allocation, response_csv, response_workbook};

/// A file of the result.
pub struct ResultFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Every file of a result but the bundle, in the order of their names' kinds: the table, the balances, the responses.
///
/// # Errors
/// If a workbook cannot be made.
pub fn result_files(judged: &Judged, computed: &Computed, form: ResponseForm) -> Result<Vec<ResultFile>, Failure> {
    let mut table = allocation_header();
    computed.pools.iter().for_each(|pool| push_allocation(&mut table, pool));
    let file = |name: &str, content: Vec<u8>| ResultFile { name: name.to_owned(), content };
    let mut files = vec![file("allocation.csv", table.into_bytes())];
    // MSM-13: cuts and refills write no balances.
    if computed.pools.iter().all(|pool| pool.again.is_none()) {
        files.push(file("balances.csv", write_balances(&computed.balances).into_bytes()));
    }
    for (_, demand) in &judged.taken {
        let name = demand.name.of_kind(FileKind::DemandResponse);
        let days = days_of(demand, computed);
        files.push(match form {
            ResponseForm::Csv => {
                file(&format!("{name}.csv"), response_csv(&days, ResultStage::Provisional).into_bytes())
            }
            ResponseForm::Xlsx => {
                let content = response_workbook(&days, ResultStage::Provisional).map_err(Failure::internal)?;
                file(&format!("{name}.xlsx"), content)
            }
        });
    }
    Ok(files)
}

/// The line of a file's party on each day of its week. The pools are in the order of S1SP and date.
fn days_of<'a>(demand: &DemandCommitment, computed: &'a Computed) -> Vec<(&'a PoolResult, &'a Line)> {
    let (s1sp, monday) = (demand.name.s1sp, demand.name.date);
    let first = computed.pools.partition_point(|pool| (pool.s1sp, pool.date) < (s1sp, monday));
    let week = computed.pools[first..]
        .iter()
        .take_while(|pool| pool.s1sp == s1sp && monday_of(pool.date).is_ok_and(|other| other == monday));
    week.filter_map(|pool| Some((pool, pool.line(demand.name.party?)?))).collect()
}
