use super::*;

#[test]
fn scales_are_round_and_hold_every_value() {
    for (most, expected) in [(0, 1), (5, 1), (6, 2), (1630, 500), (19_000, 5_000)] {
        assert_eq!(step(most), expected, "{most}");
    }
}

#[test]
fn bars_stand_on_the_ground_line_and_keep_their_proportions() {
    let column = Column { label: "Mon".to_owned(), capacity: 500, demand: 1000, allocated: 500 };
    let chart = Chart::new("CGI", vec![column]);
    let shapes = &chart.columns[0];
    assert_eq!(shapes.demand.0 + shapes.demand.1, TOP + HEIGHT);
    assert_eq!(shapes.demand.1, 2 * shapes.allocated.1);
    assert_eq!(shapes.capacity.map(|line| line.2), Some(shapes.allocated.0));
}
