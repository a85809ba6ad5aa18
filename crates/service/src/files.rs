//! Files as such: received, refused, opened, given grace, answered; whatever their kind.

pub mod ahead;
pub mod password;
pub mod receive;
pub mod verdict;
