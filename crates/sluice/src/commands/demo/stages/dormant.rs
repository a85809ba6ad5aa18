//! Dormant Meters.
