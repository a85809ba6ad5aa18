//! The stop orders in force, made ready to find those that may cover an installation (STOP-1).

use crate::error::Result;
use sluice_rules::authorisation::bars::{Stop, StopScope, is_model};
use sluice_rules::party::{Eui64, Party, S1sp};
use sluice_store::View;
use sluice_store::tables::bars::{self, StopOrder};
use sluice_store::tables::convert::parsed;
use sluice_store::tables::installations::StoredInstallation;
use std::collections::HashSet;

/// What an order is about, as it is found on an installation.
enum About {
    S1sp(S1sp),
    /// The numbers of the combinations that it covers.
    Combinations(HashSet<i64>),
    Supplier,
    Listed(HashSet<Eui64>),
}

/// The stop orders in force.
pub(crate) struct StopTable {
    orders: Vec<(About, Stop)>,
}

impl StopTable {
    pub(crate) fn load(tx: &mut View<'_>) -> Result<Self> {
        let mut orders = Vec::new();
        for order in bars::stops(tx)?.into_iter().filter(|order| order.lifted.is_none()) {
            let supplier: Option<Party> = match order.scope {
                StopScope::Supplier => Some(parsed(&order.value)?),
                _ => None,
            };
            let about = about(tx, &order)?;
            orders.push((about, Stop { id: order.id, supplier, reason: order.reason }));
        }
        Ok(Self { orders })
    }

    /// The installations that orders list.
    pub(crate) fn listed(&self) -> impl Iterator<Item = Eui64> {
        let listed = self.orders.iter().filter_map(|(about, _)| match about {
            About::Listed(listed) => Some(listed),
            About::S1sp(_) | About::Combinations(_) | About::Supplier => None,
        });
        listed.flatten().copied()
    }

    /// The orders that may cover an installation; for one about a supplier its meters on the date decide.
    pub(crate) fn of(&self, installation: &StoredInstallation) -> Vec<Stop> {
        let covers = |about: &About| match about {
            About::S1sp(s1sp) => installation.s1sp == *s1sp,
            About::Combinations(numbers) => numbers.contains(&installation.dmc),
            About::Supplier => true,
            About::Listed(listed) => listed.contains(&installation.chf),
        };
        self.orders.iter().filter(|(about, _)| covers(about)).map(|(_, stop)| stop.clone()).collect()
    }
}

fn about(tx: &mut View<'_>, order: &StopOrder) -> Result<About> {
    Ok(match order.scope {
        StopScope::S1sp => About::S1sp(parsed(&order.value)?),
        StopScope::Supplier => About::Supplier,
        StopScope::List => About::Listed(bars::stop_entries(tx, order.id)?.into_iter().collect()),
        StopScope::Combination | StopScope::Model => {
            let named = |code: &str, models: &[String]| match order.scope {
                StopScope::Combination => code == order.value,
                _ => models.iter().any(|model| is_model(&order.value, model)),
            };
            let all = bars::combinations(tx)?;
            let covered = all.into_iter().filter(|(_, code, models)| named(code, models));
            About::Combinations(covered.map(|(number, ..)| number).collect())
        }
    })
}
