use super::*;

fn digest(alike: &Alike, statements: &[(&str, Vec<Value<'_>>, u64)]) -> [u8; 32] {
    let mut journal = Journal::new(alike.clone());
    for (sql, values, changed) in statements {
        journal.statement(sql, values, *changed);
    }
    journal.finish()
}

#[test]
fn what_a_statement_writes_is_found() {
    let write = |verb, table, columns: &[&'static str]| Some(Write { verb, table, columns: columns.to_vec() });
    assert_eq!(Write::of("INSERT INTO result (a, b) VALUES ($1, $2)"), write("INSERT", "result", &["a", "b"]));
    assert_eq!(Write::of("INSERT INTO\n  result(a) SELECT 1"), write("INSERT", "result", &["a"]));
    assert_eq!(Write::of("UPDATE result SET a = 1, b = b + $2 WHERE c = 3"), write("UPDATE", "result", &["a", "b"]));
    assert_eq!(Write::of("UPDATE result SET a = 1"), write("UPDATE", "result", &["a"]));
    assert_eq!(Write::of("DELETE FROM result WHERE a = $1"), write("DELETE", "result", &[]));
    assert_eq!(Write::seen("SELECT max(a) FROM result WHERE a IN ($1)"), write("SEEN", "result", &[]));
    assert_eq!(Write::of("SELECT * FROM result"), None);
    assert_eq!(Write::of("DROP INDEX IF EXISTS x"), None);
}

#[test]
fn other_words_for_the_same_make_no_difference_and_other_columns_do() {
    let of = |sql: &'static str| digest(&Alike::default(), &[(sql, vec![Value::Int(1), Value::Int(2)], 1)]);
    let said = of("UPDATE result SET a = $2 WHERE id = $1 AND b IS NULL");
    assert_eq!(said, of("UPDATE result\n  SET a = $2 WHERE b IS NULL AND (id = $1)"));
    for other in
        ["UPDATE result SET b = $2 WHERE id = $1", "UPDATE other SET a = $2 WHERE id = $1", "DELETE FROM result"]
    {
        assert_ne!(said, of(other), "{other}");
    }
}

#[test]
fn moments_and_names_of_an_act_make_no_difference_and_all_else_does() {
    let alike = |moments: &[i64], text: &str| Alike { moments: moments.to_vec(), texts: vec![text.to_owned()] };
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
    let write = |given: &[i64], id: i64, cause: i64, units: i64| {
        let mut journal = Journal::new(Alike::default());
        given.iter().for_each(|number| journal.give(*number));
        let values = [Value::Given(id), Value::Given(cause), Value::Int(units)];
        journal.statement("INSERT INTO t (id, cause, units) VALUES ($1, $2, $3)", &values, 1);
        journal.finish()
    };
    let first = write(&[7], 7, 3, 7);
    assert_eq!(first, write(&[8], 8, 3, 7));
    // What was there before, and what is no running number, counts; and so does which of them it is.
    assert_ne!(first, write(&[8], 8, 4, 7));
    assert_ne!(first, write(&[8], 8, 3, 8));
    assert_ne!(first, write(&[6, 7], 7, 3, 7));
}

#[test]
fn which_act_it_is_makes_no_difference_in_the_columns_that_hold_it() {
    let write = |act: Value<'static>| {
        let sql = "UPDATE import SET undone_by = $2 WHERE id = $1";
        digest(&Alike::default(), &[(sql, vec![Value::Int(7), act], 1)])
    };
    assert_eq!(write(Value::Act(7)), write(Value::Act(9)));
    assert_ne!(write(Value::Act(7)), write(Value::Null));
}
