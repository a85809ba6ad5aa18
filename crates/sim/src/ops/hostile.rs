//! What no honest program sends: names that say nothing or another's, bytes of any kind, strangers.

use crate::check::Content;
use crate::error::Result;
use crate::run::Simulation;
use sluice_rules::party::Party;

impl Simulation<'_> {
    pub(crate) fn hostile(&mut self) -> Result<()> {
        let place = self.random.usize(..self.world.suppliers.len());
        let supplier = self.world.suppliers[place].clone();
        let other = &self.world.suppliers[(place + 1) % self.world.suppliers.len()];
        let (user_id, foreign) = (supplier.ids[0], other.ids[0]);
        let week = self.world.weeks[0].strftime("%Y%m%d").to_string();
        let stamp = self.now.to_zoned(sluice_rules::calendar::LONDON).strftime("%Y%m%d_%H%M%S").to_string();
        let s1sp = self.s1sp(0);
        let name = match self.random.u8(..12) {
            0 => "../../etc/passwd".to_owned(),
            1 => "x".repeat(4096),
            2 => format!("DC_{}_{foreign}_{s1sp}_{week}.csv", supplier.party),
            3 => format!("DC_{}_{user_id}_{s1sp}_{week}.exe", supplier.party),
            4 => format!("MA_NOSUCH_{user_id}_{stamp}.csv"),
            5 => format!("MA_{s1sp}_{foreign}_{stamp}.csv"),
            6 => format!("SCHED_{s1sp}_{week}_v1.csv"),
            7 => format!("OUTCOME_{s1sp}_{stamp}.csv"),
            8 => format!("MA_{s1sp}_{user_id}_{stamp}.xlsx"),
            9 => format!("MA_{s1sp}_{user_id}_{stamp}.zip"),
            10 => format!("DC_{}_{user_id}_{s1sp}_20210230.csv", supplier.party),
            _ => format!("MA_{s1sp}_{user_id}_{stamp}.csv"),
        };
        let bytes = self.bytes();
        let stranger: Option<Party> = if self.chance(8) { "ZZZ999".parse().ok() } else { None };
        self.hand_in(stranger.unwrap_or(supplier.party), &name, &bytes, Content::Other).map(drop)
    }

    fn bytes(&mut self) -> Vec<u8> {
        match self.random.u8(..6) {
            0 => Vec::new(),
            1 => (0..self.random.usize(1..2000)).map(|_| self.random.u8(..)).collect(),
            2 => b"\xFF\xFEM\0i\0g\0".to_vec(),
            3 => b"Migration Date,Demand\n\"unfinished".to_vec(),
            4 => b"PK\x03\x04 and no more".to_vec(),
            _ => "Import MPAN,MPRN,Evil\n=1+1,\0,\n".repeat(50).into_bytes(),
        }
    }
}
