use super::*;

fn digest(alike: &Alike, statements: &[(&str, Vec<Value<'_>>, u64)]) -> [u8; 32] {
    let mut journal = Journal::new(alike.clone());
    for (sql, values, changed) in statements {
        journal.statement(sql, values, *changed);
    }
    journal.finish()
}

#[test]
fn the_table_that_is_written_is_found() {
    assert_eq!(written("INSERT INTO result (a) VALUES ($1)"), Some("result"));
    assert_eq!(written("INSERT INTO\n  result(a) SELECT 1"), Some("result"));
    assert_eq!(written("UPDATE result SET a = 1"), Some("result"));
    assert_eq!(written("DELETE FROM result WHERE a = $1"), Some("result"));
    assert_eq!(written("SELECT * FROM result"), None);
    assert_eq!(written("DROP INDEX IF EXISTS x"), None);
}

#[test]
fn moments_and_names_of_an_act_make_no_difference_and_all_else_does() {
    let alike =
        |moments: &[i64], text: &str| Alike { moments: moments.to_vec(), texts: vec![text.to_owned()], numbers: false };
    let write = |at: i64, name: &'static str, units: i64| {
        vec![("UPDATE t SET a = $1, b = $2, c = $3", vec![Value::Int(at), Value::from(name), Value::Int(units)], 1)]
    };
    let first = digest(&alike(&[1000], "x and "), &write(1000, "x and ", 5));
    assert_eq!(first, digest(&alike(&[1000, 2000], "x and y"), &write(2000, "x and y", 5)));
    assert_ne!(first, digest(&alike(&[1000, 2000], "x and y"), &write(3000, "x and y", 5)));
    assert_ne!(first, digest(&alike(&[1000, 2000], "x and y"), &write(2000, "x and z", 5)));
    assert_ne!(first, digest(&alike(&[1000, 2000], "x and y"), &write(2000, "x and y", 6)));
}

#[test]
fn what_only_tells_or_changes_nothing_leaves_no_trace() {
    let nothing = digest(&Alike::default(), &[]);
    let told = ("INSERT INTO notice (id) VALUES ($1)", vec![Value::Int(1)], 1);
    let idle = ("DELETE FROM allocation WHERE party = $1", vec![Value::from("A")], 0);
    assert_eq!(nothing, digest(&Alike::default(), &[told, idle]));
    let done = ("DELETE FROM allocation WHERE party = $1", vec![Value::from("A")], 2);
    assert_ne!(nothing, digest(&Alike::default(), &[done]));
}

#[test]
fn numbers_that_an_act_gives_out_make_no_difference_in_the_columns_that_hold_them() {
    let write = |numbers: bool, given: &[i64], id: i64, cause: i64, units: i64| {
        let mut journal = Journal::new(Alike { numbers, ..Alike::default() });
        given.iter().for_each(|number| journal.give(*number));
        let values = [Value::Given(id), Value::Given(cause), Value::Int(units)];
        journal.statement("INSERT INTO t (id, cause, units) VALUES ($1, $2, $3)", &values, 1);
        journal.finish()
    };
    let first = write(true, &[7], 7, 3, 7);
    assert_eq!(first, write(true, &[8], 8, 3, 7));
    // What was there before, and what is no running number, counts; and so does which of them it is.
    assert_ne!(first, write(true, &[8], 8, 4, 7));
    assert_ne!(first, write(true, &[8], 8, 3, 8));
    assert_ne!(first, write(true, &[6, 7], 7, 3, 7));
    assert_ne!(write(false, &[7], 7, 3, 7), write(false, &[8], 8, 3, 7));
}
