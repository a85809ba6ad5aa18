//! Who is responsible for the meters of an installation on a date, and who leads.

use crate::installation::{Fuel, InstallationType, MeterStatus};
use crate::party::Party;
use jiff::civil::Date;

/// A registration of a supplier to a meter point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registration {
    /// From which date it holds.
    pub from: Date,
    /// The supplier; nothing if no known party holds the market participant id.
    pub party: Option<Party>,
}

/// What is known of one meter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// Its fuel.
    pub fuel: Fuel,
    /// The supplier that the inventory names.
    pub supplier: Option<Party>,
    /// The status that the inventory gives.
    pub status: MeterStatus,
    /// Registrations to its meter point, in the order of their dates.
    pub registrations: Vec<Registration>,
    /// From which date it is excluded (OUT-3): from then on it counts as absent.
    pub excluded: Option<Date>,
}

impl Meter {
    /// The Responsible Supplier on a date: the registration that holds then, else what the inventory names.
    #[must_use]
    pub fn supplier_on(&self, date: Date) -> Option<Party> {
        let holding = self.registrations.iter().rev().find(|registration| registration.from <= date);
        holding.map_or(self.supplier, |registration| registration.party)
    }

    /// OUT-3: a meter that is excluded counts as absent.
    #[must_use]
    pub fn counts_on(&self, date: Date) -> bool {
        self.excluded.is_none_or(|from| from > date)
    }

    /// Does it count, and is it Active on a date?
    #[must_use]
    pub fn is_active_on(&self, date: Date) -> bool {
        // MAM-8: from the effective date of a change of supplier the meter is Dormant, until the inventory names the new
        // supplier and says Active.
        self.counts_on(date) && self.status == MeterStatus::Active && self.supplier_on(date) == self.supplier
    }

    /// MAM-8: the first change away from a supplier with effect after `today` and no later than `date`.
    #[must_use]
    pub fn change_before(&self, supplier: Party, today: Date, date: Date) -> Option<Registration> {
        let coming =
            self.registrations.iter().filter(|registration| (today < registration.from) && registration.from <= date);
        coming.copied().find(|registration| registration.party != Some(supplier))
    }
}

/// The meters of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meters {
    /// Electricity.
    pub electricity: Meter,
    /// Gas, if there is a gas meter.
    pub gas: Option<Meter>,
}

impl Meters {
    /// Every meter, electricity first.
    pub fn each(&self) -> impl Iterator<Item = &Meter> {
        std::iter::once(&self.electricity).chain(&self.gas)
    }

    /// MAM-1: the suppliers whose authorisation a migration on a date needs: those of the Active meters, the Lead Supplier
    /// first, each once. Nobody for a Dormant installation.
    #[must_use]
    pub fn required_on(&self, date: Date) -> Vec<Party> {
        let mut required = Vec::with_capacity(2);
        for supplier in self.each().filter(|meter| meter.is_active_on(date)).filter_map(|meter| meter.supplier_on(date))
        {
            if !required.contains(&supplier) {
                required.push(supplier);
            }
        }
        required
    }

    /// MAM-2: the Lead Supplier of an installation with an Active meter: the Import Supplier if the electricity meter is
    /// Active, else the Gas Supplier.
    #[must_use]
    pub fn lead_on(&self, date: Date) -> Option<Party> {
        self.each().filter(|meter| meter.is_active_on(date)).find_map(|meter| meter.supplier_on(date))
    }

    /// MAM-1: does a migration on a date need the authorisation of a party?
    #[must_use]
    pub fn requires(&self, party: Party, date: Date) -> bool {
        self.each().any(|meter| meter.is_active_on(date) && meter.supplier_on(date) == Some(party))
    }

    /// MAM-8: the meter of which another supplier is responsible by a date, of two that were a supplier's and Active, while it
    /// stays the supplier of the other: an authorisation of its counts for that one alone.
    #[must_use]
    pub fn lost_beside(&self, supplier: Party, date: Date) -> Option<&Meter> {
        let was_own = |meter: &&Meter| meter.status == MeterStatus::Active && meter.supplier == Some(supplier);
        let lost = |meter: &&Meter| meter.counts_on(date) && meter.supplier_on(date) != Some(supplier);
        self.each().filter(was_own).find(lost).filter(|_| self.requires(supplier, date))
    }

    /// MAM-8: does another supplier have a meter by a date that the inventory gave a supplier, as it was before?
    #[must_use]
    pub fn lost_since(&self, before: &Self, supplier: Party, date: Date) -> bool {
        let gained = |meter: &Meter| {
            self.each()
                .any(|now| now.fuel == meter.fuel && now.supplier_on(date).is_some_and(|party| party != supplier))
        };
        before.each().filter(|meter| meter.supplier == Some(supplier)).any(gained)
    }

    /// The suppliers of meters that are not Active on a date, each once; they are told of a migration (MAM-1).
    #[must_use]
    pub fn told_on(&self, date: Date) -> Vec<Party> {
        let required = self.required_on(date);
        let mut told = Vec::with_capacity(2);
        for supplier in self.each().filter_map(|meter| meter.supplier_on(date)) {
            if !required.contains(&supplier) && !told.contains(&supplier) {
                told.push(supplier);
            }
        }
        told
    }

    /// Is a party the supplier of any of its meters on a date?
    #[must_use]
    pub fn concerns(&self, party: Party, date: Date) -> bool {
        self.each().any(|meter| meter.supplier_on(date) == Some(party))
    }

    /// The type of the installation on a date, by the meters that count.
    #[must_use]
    pub fn type_on(&self, date: Date) -> InstallationType {
        let (active, all) = self
            .each()
            .filter(|meter| meter.counts_on(date))
            .fold((0, 0), |(active, all), meter| (active + usize::from(meter.is_active_on(date)), all + 1));
        match active {
            0 => InstallationType::Dormant,
            _ if active == all => InstallationType::Active,
            _ => InstallationType::Mixed,
        }
    }
}

#[cfg(test)]
#[path = "responsibility_tests.rs"]
mod tests;
