//! Files as such: received, refused, opened, given grace, answered; whatever their kind.

pub(crate) mod aside;
pub(crate) mod content;
pub(crate) mod due_again;
pub mod end_intake;
pub mod grace;
pub mod handed;
pub mod machine_clock;
pub mod order;
pub mod outage;
pub mod password;
pub mod receive;
pub mod refuse;
pub mod rulebook;
pub mod signed;
pub(crate) mod told;
pub(crate) mod turns;
pub mod unconfirmed;
pub(crate) mod unsealed;
pub mod verdict;
pub(crate) mod waiting_ends;
