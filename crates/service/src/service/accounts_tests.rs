use super::*;
use crate::act::work::begin;
use crate::bars::stops::ImposeStop;
use crate::dispatch::proposals::{DecideProposal, ExpireProposal, Propose};
use crate::people::accounts::{AddUser, DisableUser};
use crate::people::tokens::RevokeToken;
use crate::weeks::confirm::Confirm;
use crate::weeks::move_milestone::MoveMilestone;
use crate::weeks::questions::AnswerQuery;
use crate::weeks::take_refused::TakeRefused;
use sluice_rules::authorisation::bars::StopScope;
use sluice_rules::calendar::Milestone;
use sluice_rules::party::PartyRole;
use sluice_rules::role::Role;
use sluice_store::Url;
use sluice_store::tables::accounts::{self, Account};

/// 09:00 on Tuesday 6 July 2021.
const AT: Timestamp = Timestamp::constant(1_625_558_400, 0);

fn service(folder: &tempfile::TempDir, simulated: bool) -> Service {
    let url: Url = format!("sqlite:{}", folder.path().join(format!("{simulated}.db")).display()).parse().unwrap();
    Service::create(&url, simulated).unwrap()
}

fn user(name: &str, role: Role) -> AddUser {
    AddUser { name: name.to_owned(), role, party: None, approve: None }
}

/// Whoever holds the database makes an operator and an approver; each signs in.
fn two(service: &mut Service) -> [Actor; 2] {
    let (now, console) = (AT, Actor::console());
    [("ruth", Role::Operator), ("tom", Role::Approver)].map(|(name, role)| {
        service.act(now, &console, user(name, role)).unwrap();
        let secret = Secret::new().unwrap();
        service.make_token(now, &console, (name, 1), &secret).unwrap();
        service.sign_in(now, &secret).unwrap()
    })
}

#[test]
fn acc_1_a_name_is_not_enough_where_a_database_is_not_simulated() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, _] = two(&mut real);
    real.act(now, &ruth, user("olga", Role::Observer)).unwrap();
    let named = real.account("ruth").unwrap();
    for by in [named, Actor::console(), Actor::clock()] {
        let error = real.act(now, &by, user("eve", Role::Observer)).unwrap_err().to_string();
        assert!(error.contains("has shown no token"), "{error}");
    }
    let party: sluice_rules::party::Party = "AAA123".parse().unwrap();
    let unnamed = [Actor::supplier(party), Actor::observer(party), Actor::console(), Actor::clock()];
    for by in [real.account("ruth").unwrap()].into_iter().chain(unnamed) {
        let errors = [
            real.look(now, &by, |_| Ok(())).unwrap_err(),
            real.preview(now, &by, user("eve", Role::Observer)).unwrap_err(),
            real.proposal(now, &by, 1).map(drop).unwrap_err(),
            real.users(now, &by).map(drop).unwrap_err(),
            real.tokens(now, &by, None).map(drop).unwrap_err(),
        ];
        for error in errors.map(|error| error.to_string()) {
            assert!(error.contains("has shown no token"), "{error}");
        }
    }
    let mut simulated = service(&folder, true);
    simulated.act(now, &Actor::console(), user("eve", Role::Operator)).unwrap();
}

#[test]
fn acc_2_a_second_who_is_named_by_the_first_signs_on_a_simulated_database_only() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, tom] = two(&mut real);
    let add = |approve: Option<&str>| AddUser { approve: approve.map(str::to_owned), ..user("eve", Role::Operator) };
    for approve in [None, Some("tom")] {
        let error = real.act(now, &ruth, add(approve)).unwrap_err().to_string();
        assert!(error.contains("one proposes it, and another approves it"), "{error}");
    }
    let moved = MoveMilestone {
        week: jiff::civil::date(2021, 7, 26),
        milestone: Milestone::DemandCutoff,
        to: now,
        reason: "late".to_owned(),
        approve: Some("tom".to_owned()),
    };
    let error = real.act(now, &ruth, moved).unwrap_err().to_string();
    assert!(error.contains("one proposes it, and another approves it"), "{error}");
    let Asked::Waits(proposed) = real.ask(now, &ruth, add(Some("tom"))).unwrap() else { panic!("it was done") };
    assert!(real.approve(now, &ruth, proposed.id).is_err());
    real.approve(now, &tom, proposed.id).unwrap();
    assert!(real.account("eve").is_ok());
}

#[test]
fn acc_2_what_is_due_is_done_by_the_clock_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, _] = two(&mut real);
    let Asked::Waits(proposed) = real.ask(now, &ruth, user("eve", Role::Operator)).unwrap() else { panic!("done") };
    let expire = crate::dispatch::proposals::ExpireProposal { id: proposed.id };
    let error = real.act(now, &ruth, expire).unwrap_err().to_string();
    assert!(error.contains("is done by the clock when it is due"), "{error}");
}

#[test]
fn acc_1_who_signed_in_and_may_act_no_more_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, tom] = two(&mut real);
    let Asked::Waits(proposed) = real.ask(now, &ruth, user("eve", Role::Operator)).unwrap() else { panic!("done") };
    let id = sluice_store::tables::tokens::all(&mut real.store.view(Scope::Dcc).unwrap()).unwrap();
    let id = id.into_iter().find(|token| token.account == "tom").unwrap().id;
    let Asked::Waits(revoking) = real.ask(now, &ruth, RevokeToken { id, approve: None }).unwrap() else {
        panic!("done")
    };
    real.approve(now, &tom, revoking.id).unwrap();
    let error = real.approve(now, &tom, proposed.id).unwrap_err().to_string();
    assert!(error.contains("meanwhile"), "{error}");
}

#[test]
fn acc_1_a_token_that_expired_stays_so_when_the_clock_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, _] = two(&mut real);
    let secret = Secret::new().unwrap();
    real.make_token(now, &ruth, ("ruth", 1), &secret).unwrap();
    assert!(real.sign_in(now, &secret).is_ok());
    let longer = Secret::new().unwrap();
    real.make_token(now, &ruth, ("ruth", 5), &longer).unwrap();
    let later = now + jiff::SignedDuration::from_hours(48);
    // Who signed in with the one acts with it no more, and with the other still.
    let signed_in = real.sign_in(now, &secret).unwrap();
    let error = real.act(later, &signed_in, user("olga", Role::Observer)).unwrap_err().to_string();
    assert!(error.contains("has expired"), "{error}");
    let signed_in = real.sign_in(now, &longer).unwrap();
    real.act(later, &signed_in, user("olga", Role::Observer)).unwrap();
    let error = real.sign_in(now, &secret).unwrap_err().to_string();
    assert!(error.contains("expired"), "{error}");
}

#[test]
fn acc_2_the_row_of_an_act_names_its_rulebook_and_those_of_its_proposal_name_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, tom] = two(&mut real);
    let moved = MoveMilestone {
        week: jiff::civil::date(2021, 9, 27),
        milestone: Milestone::DemandCutoff,
        to: "2021-09-07T12:00:00+01:00".parse().unwrap(),
        reason: "a holiday".to_owned(),
        approve: None,
    };
    let Asked::Waits(proposed) = real.ask(now, &ruth, moved).unwrap() else { panic!("it was done") };
    real.approve(now, &tom, proposed.id).unwrap();
    let acts = sluice_store::tables::log::acts_after(&mut real.store.view(Scope::Dcc).unwrap(), 0, 100).unwrap();
    let rows: Vec<(&str, &str)> = acts.iter().map(|act| (act.row.kind.as_str(), act.row.rulebook.as_str())).collect();
    let wanted = [("propose", ""), ("move-milestone", "msm-5.0"), ("proposal-decide", "")];
    assert_eq!(rows[rows.len() - 3..], wanted);
}

#[test]
fn a_reason_of_blanks_and_signs_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, tom] = two(&mut real);
    let Asked::Waits(proposed) = real.ask(now, &ruth, user("eve", Role::Operator)).unwrap() else { panic!("done") };
    for blank in ["", "  ", "-", "\u{a0}\u{200b}"] {
        let reason = || blank.to_owned();
        let stop = ImposeStop { scope: StopScope::S1sp, value: "CGI".to_owned(), listed: Vec::new(), reason: reason() };
        let error = |done: Result<()>| done.unwrap_err().to_string();
        let errors = [
            error(real.act(now, &ruth, TakeRefused { file: 1, reason: reason(), content: None }).map(drop)),
            error(real.act(now, &ruth, AnswerQuery { query: 1, answer: reason() })),
            error(real.act(now, &ruth, stop).map(drop)),
            error(real.act(now, &tom, DecideProposal::decline(proposed.id, reason()))),
        ];
        let wanted = ["taking a refused file says why", "the text is empty", "says why", "is declined with a reason"];
        for (error, wanted) in errors.iter().zip(wanted) {
            assert!(error.contains(wanted), "'{blank}': {error}");
        }
    }
}

#[test]
fn acc_2_a_clock_that_was_once_far_ahead_keeps_no_two_people_from_acting() {
    let folder = tempfile::tempdir().unwrap();
    let mut real = service(&folder, false);
    let ahead: Timestamp = "2032-11-29T12:00:00Z".parse().unwrap();
    let console = Actor::console();
    let [ruth, tom] = [("ruth", Role::Operator), ("tom", Role::Approver)].map(|(name, role)| {
        real.act(ahead, &console, user(name, role)).unwrap();
        let secret = Secret::new().unwrap();
        real.make_token(ahead, &console, (name, 1), &secret).unwrap();
        real.sign_in(ahead, &secret).unwrap()
    });
    let Asked::Waits(proposed) = real.ask(AT, &ruth, user("eve", Role::Operator)).unwrap() else {
        panic!("it was done")
    };
    assert_eq!(proposed.expires_at.to_string(), "2032-12-01T00:00:00Z");
    real.approve(AT, &tom, proposed.id).unwrap();
}

#[test]
fn acc_2_nobody_brings_about_alone_that_too_few_can_sign_soon() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, console) = (service(&folder, false), Actor::console());
    let [(ruth, long), _] = [("ruth", Role::Operator), ("tom", Role::Approver)].map(|(name, role)| {
        real.act(AT, &console, user(name, role)).unwrap();
        let secret = Secret::new().unwrap();
        let (id, _) = real.make_token(AT, &console, (name, 90), &secret).unwrap();
        (real.sign_in(AT, &secret).unwrap(), id)
    });
    let mut sign_in_for = |days| {
        let secret = Secret::new().unwrap();
        let (id, _) = real.make_token(AT, &ruth, ("ruth", days), &secret).unwrap();
        (real.sign_in(AT, &secret).unwrap(), id)
    };
    let [(ruth, day), (_, month)] = [1, 31].map(&mut sign_in_for);
    // What stands beside it lasts longer than 30 days.
    real.act(AT, &ruth, RevokeToken { id: month.clone(), approve: None }).unwrap();
    let error = real.act(AT, &ruth, RevokeToken { id: long.clone(), approve: None }).unwrap_err().to_string();
    assert!(error.contains("leaves too few who can sign, now or within 30 days"), "{error}");
    let secret = Secret::new().unwrap();
    real.make_token(AT, &ruth, ("ruth", 31), &secret).unwrap();
    let ruth = real.sign_in(AT, &secret).unwrap();
    real.act(AT, &ruth, RevokeToken { id: long, approve: None }).unwrap();
    real.act(AT, &ruth, RevokeToken { id: day, approve: None }).unwrap();
    // And no other's right is taken for the day that is left.
    let error = real.act(AT, &ruth, DisableUser { name: "tom".to_owned(), approve: None }).unwrap_err().to_string();
    assert!(error.contains("leaves too few"), "{error}");
}

/// What was proposed stands in the record: a rule that came since, and a right that was taken since, do not undo it.
#[test]
fn acc_2_a_proposal_is_done_again_whatever_would_be_refused_now() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, tom] = two(&mut real);
    let asked = [
        (&ruth, Propose::of(&user("dcc", Role::Approver)).unwrap(), "the record uses it"),
        (&tom, Propose::of(&user("eve", Role::Approver)).unwrap(), "for DCC's operators"),
    ];
    for (by, propose, words) in asked {
        let mut again = |again| {
            let mut work = begin(&mut real.store, &real.books, now, by).unwrap();
            work.again = again;
            propose.run(&mut work).map(|proposed| proposed.id)
        };
        let error = again(false).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert_eq!(again(true).unwrap(), 1);
    }
}

/// DCC may look as a party does, to see what it sees. With the token that it shows it does nothing as that party.
#[test]
fn acc_1_who_looks_as_a_party_does_nothing_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut real, now) = (service(&folder, false), AT);
    let [ruth, _] = two(&mut real);
    let looks = ruth.looking_as("AAA123".parse().unwrap(), PartyRole::Supplier).unwrap();
    let errors = [
        real.receive(now, &looks, "MA.csv", b"x").map(drop).unwrap_err(),
        real.act(now, &looks, Confirm::of(1)).map(drop).unwrap_err(),
        real.preview(now, &looks, Confirm::of(1)).map(drop).unwrap_err(),
    ];
    for error in errors.map(|error| error.to_string()) {
        assert!(error.contains("who looks as AAA123 does nothing for it"), "{error}");
    }
}

/// An earlier program let accounts have the names of those who are none: they are accounts all the same.
#[test]
fn acc_1_an_account_is_neither_the_clock_nor_the_console_whatever_it_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (mut simulated, now) = (service(&folder, true), AT);
    for name in ["clock", "console"] {
        let account = Account { name: name.to_owned(), role: Role::Operator, party: None, disabled: false };
        let mut tx = simulated.store.decide().unwrap();
        accounts::add(&mut tx, &account).unwrap();
        tx.commit().unwrap();
    }
    let [clock, console] = ["clock", "console"].map(|name| simulated.account(name).unwrap());
    let error = simulated.act(now, &clock, ExpireProposal { id: 1 }).unwrap_err().to_string();
    assert!(error.contains("is done by the clock when it is due, not by 'clock'"), "{error}");
    assert!(!console.is_console() && Actor::console().is_console());
}

/// A clock that is set back goes back for nobody: what a list offers is what the acts allow.
#[test]
fn cal_1_what_is_read_is_of_no_earlier_moment_than_the_last_act() {
    let folder = tempfile::tempdir().unwrap();
    let (mut simulated, console) = (service(&folder, true), Actor::console());
    let ahead = AT + jiff::SignedDuration::from_hours(24);
    assert_eq!(simulated.look(ahead, &console, |work| Ok(work.now)).unwrap(), ahead);
    simulated.act(ahead, &console, user("eve", Role::Observer)).unwrap();
    assert_eq!(simulated.look(AT, &console, |work| Ok(work.now)).unwrap(), ahead);
}

#[test]
fn acc_1_what_is_due_needs_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let mut real = service(&folder, false);
    let [ruth, _] = two(&mut real);
    let Asked::Waits(proposed) = real.ask(AT, &ruth, user("eve", Role::Operator)).unwrap() else {
        panic!("it was done")
    };
    assert_eq!(real.catch_up(AT).unwrap(), 0);
    assert_eq!(real.catch_up(proposed.expires_at).unwrap(), 1);
}
