use super::key;

#[test]
fn schemas_have_locks_of_their_own() {
    assert_ne!(key("a"), key("b"));
}
