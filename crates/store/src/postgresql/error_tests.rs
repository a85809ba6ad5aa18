use super::*;

fn mapped(code: &str) -> StoreError {
    refused(&SqlState::from_code(code), "words".to_owned())
}

#[test]
fn states_become_errors_in_words() {
    for (codes, kind) in [
        (&["55P03"][..], "Locked"),
        (&["40001", "40P01"][..], "Overtaken"),
        (&["28000", "28P01"], "Denied"),
        (&["08006", "53300", "57P01", "57P03"], "Unreachable"),
        (&["57014"], "Slow"),
        (&["25006"], "ReadOnly"),
        (&["53100"], "Full"),
        (&["58030"], "Disk"),
        (&["XX001", "XX002"], "Damaged"),
        (&["3D000"], "Missing"),
        (&["22003", "22021", "42804"], "Type"),
        (&["25P02"], "Ended"),
        (&["42601"], "Other"),
        (&["23505"], "Constraint { rule: Unique"),
        (&["23503"], "Constraint { rule: ForeignKey"),
        (&["23514"], "Constraint { rule: Check"),
        (&["23502"], "Constraint { rule: NotNull"),
    ] {
        for code in codes {
            let error = format!("{:?}", mapped(code));
            assert!(error.starts_with(kind), "{code}: {error}");
        }
    }
}
