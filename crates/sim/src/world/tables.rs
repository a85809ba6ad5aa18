//! The tables of the reference data, as DCC has them.

use super::World;
use jiff::civil::Date;
use sluice_rules::party::Eui64;
use sluice_wire::layout;
use sluice_wire::text::csv_line;

fn table(columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = csv_line(columns.iter().copied());
    rows.into_iter().for_each(|row| text.push_str(&csv_line(row.iter().map(String::as_str))));
    text
}

fn status(active: bool) -> String {
    if active { "ACTIVE" } else { "DORMANT" }.to_owned()
}

impl World {
    /// The parties: suppliers, S1SPs and an observer.
    #[must_use]
    pub fn parties(&self) -> String {
        let none = String::new;
        let suppliers = self.suppliers.iter().map(|supplier| {
            let ids: Vec<String> = supplier.ids.iter().map(Eui64::to_string).collect();
            let (electricity, gas) = (supplier.electricity.join(" "), supplier.gas.join(" "));
            let (party, name) = (supplier.party.to_string(), format!("{} Energy", supplier.party));
            vec![party, name, "SUPPLIER".to_owned(), ids.join(" "), electricity, gas, none(), none(), none()]
        });
        let s1sps = (0..).zip(&self.s1sps).map(|(place, s1sp)| {
            let (code, id) = (s1sp.to_string(), Eui64(0x70B3_D51F_3000_F000 + place).to_string());
            vec![code.clone(), code.clone(), "S1SP".to_owned(), id, none(), none(), code, none(), none()]
        });
        let id = Eui64(0x70B3_D51F_3000_E000).to_string();
        let (party, name, role) = ("PANEL".to_owned(), "The panel".to_owned(), "OBSERVER".to_owned());
        let observer = vec![party, name, role, id, none(), none(), none(), none(), none()];
        table(layout::PARTIES.columns, suppliers.chain(s1sps).chain([observer]))
    }

    /// The capacity of the days that a test takes.
    #[must_use]
    pub fn capacity_of(&self, wanted: impl Fn(usize, Date) -> bool) -> String {
        let days = self.capacity.iter().filter(|((s1sp, date), _)| wanted(*s1sp, *date));
        let rows = days.map(|((s1sp, date), (total, reserve))| {
            vec![self.s1sps[*s1sp].to_string(), date.to_string(), total.to_string(), reserve.to_string()]
        });
        table(layout::CAPACITY.columns, rows)
    }

    /// The Device Model Combinations.
    #[must_use]
    pub fn combination_table(&self) -> String {
        let rows = self.combinations.iter().map(|combination| {
            let model = |device: &str| combination.hub.replace("CH", device);
            vec![combination.code.clone(), "North".to_owned(), combination.hub.clone(), model("EM"), model("GM")]
        });
        table(layout::COMBINATIONS.columns, rows)
    }

    /// The EPCL.
    #[must_use]
    pub fn epcl(&self) -> String {
        let rows = self.proven.iter().map(|line| {
            let removed = line.removed.map(|date| date.to_string()).unwrap_or_default();
            let code = self.combinations[line.combination].code.clone();
            vec![self.s1sps[line.s1sp].to_string(), code, line.added.to_string(), removed]
        });
        table(layout::EPCL.columns, rows)
    }

    /// The inventory.
    #[must_use]
    pub fn inventory(&self) -> String {
        let rows = self.homes.iter().filter(|home| home.listed).map(|home| {
            let mut row = vec![
                home.chf.to_string(),
                self.s1sps[home.s1sp].to_string(),
                "FOC".to_owned(),
                self.combinations[home.combination].code.clone(),
                home.esme.to_string(),
                home.mpan.to_string(),
                self.suppliers[home.supplier].electricity[0].clone(),
                status(home.active),
            ];
            row.extend(match &home.gas {
                Some(gas) => {
                    let mpid = self.suppliers[gas.supplier].gas[0].clone();
                    [gas.gsme.to_string(), gas.mprn.to_string(), mpid, status(gas.active)]
                }
                None => std::array::from_fn(|_| String::new()),
            });
            row
        });
        table(layout::INVENTORY.columns, rows)
    }

    /// Who is registered.
    #[must_use]
    pub fn registration_table(&self) -> String {
        let rows = self.registrations.iter().filter_map(|line| {
            let (home, supplier) = (&self.homes[line.home], &self.suppliers[line.supplier]);
            let (point, fuel, mpid) = match line.gas {
                true => (home.gas.as_ref()?.mprn, "GAS", &supplier.gas[0]),
                // The second id of a supplier is the same party: that is no change of supplier.
                false => (home.mpan, "ELECTRICITY", &supplier.electricity[line.home % supplier.electricity.len()]),
            };
            Some(vec![point.to_string(), fuel.to_owned(), mpid.clone(), line.from.to_string()])
        });
        // One registration of a point from one date: the first one stands.
        let mut seen = std::collections::BTreeSet::new();
        table(
            layout::REGISTRATIONS.columns,
            rows.filter(|row| seen.insert((row[0].clone(), row[1].clone(), row[3].clone()))),
        )
    }

    /// What is excluded.
    #[must_use]
    pub fn exclusion_table(&self) -> String {
        let rows = self.exclusions.iter().map(|line| {
            let fuel = if line.gas { "GAS" } else { "" };
            let chf = self.homes[line.home].chf.to_string();
            vec![chf, fuel.to_owned(), line.category.to_owned(), line.from.to_string()]
        });
        let mut seen = std::collections::BTreeSet::new();
        table(
            layout::EXCLUSIONS.columns,
            rows.filter(|row| seen.insert((row[0].clone(), row[1].clone(), row[2].clone()))),
        )
    }

    /// What outcome codes mean (OUT-2).
    #[must_use]
    pub fn outcome_codes() -> String {
        let rows = [
            ["DV01", "VALIDATION", "SUPPLIER", "NO", "0"],
            ["DT01", "DEVICE TEST", "S1SP", "YES", "0"],
            ["DT02", "DEVICE TEST", "DCC", "YES", "3"],
            ["CM01", "COMMISSIONING", "DCC", "YES", "0"],
            ["GT01", "", "SUPPLIER", "YES", "0"],
        ];
        table(layout::OUTCOME_CODES.columns, rows.map(|row| row.map(str::to_owned).to_vec()))
    }
}
