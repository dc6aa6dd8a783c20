//! What a child answers to trials of forms, between the wire and the domain.

use tongpin_domain::form::{Answer, Count, Counted, Tally, TrialAnswer};
use tongpin_domain::moment::Moment;

use super::{Invalid, digest, number};
use crate::v1;

impl From<&TrialAnswer> for v1::TrialAnswer {
    fn from(told: &TrialAnswer) -> Self {
        let (outcome, count) = match &told.answer {
            Answer::Counted(count) => (v1::TrialOutcome::Counted, count.clone()),
            Answer::Withheld => (v1::TrialOutcome::Withheld, Count::default()),
            Answer::Unable => (v1::TrialOutcome::Unable, Count::default()),
            Answer::Postponed => (v1::TrialOutcome::Postponed, Count::default()),
        };
        Self {
            trial: told.trial.0.to_vec().into(),
            counted_ms: told.at.0,
            outcome: outcome.into(),
            tallies: count.tallies.iter().map(tally).collect(),
            left_out: count.left_out.iter().map(|tally| tally.word().to_owned()).collect(),
        }
    }
}

fn tally((tally, counted): (&Tally, &Counted)) -> v1::Tally {
    let most = if counted.most > counted.least { counted.most } else { 0 };
    v1::Tally { name: tally.word().to_owned(), number: counted.least, most }
}

impl TryFrom<v1::TrialAnswer> for TrialAnswer {
    type Error = Invalid;

    fn try_from(told: v1::TrialAnswer) -> Result<Self, Invalid> {
        let answer = match told.outcome() {
            v1::TrialOutcome::Counted => Answer::Counted(count(&told)?),
            v1::TrialOutcome::Withheld => Answer::Withheld,
            v1::TrialOutcome::Unable => Answer::Unable,
            v1::TrialOutcome::Postponed => Answer::Postponed,
            v1::TrialOutcome::Unspecified => {
                return Err(Invalid::new("trial_answer.outcome", told.outcome.to_string()));
            }
        };
        Ok(Self { trial: digest("trial_answer.trial", &told.trial)?, at: Moment(told.counted_ms), answer })
    }
}

/// At most one number for each of what is counted is kept, whatever was sent, and none that cannot be.
fn count(told: &v1::TrialAnswer) -> Result<Count, Invalid> {
    let known = |name: &String| Some(Tally::read(name)).filter(|tally| tally.unknown().is_none());
    let tallies = told.tallies.iter().filter_map(|tally| Some((known(&tally.name)?, tally)));
    let tallies = tallies.map(|(name, tally)| Ok((name, counted(tally)?))).collect::<Result<_, _>>()?;
    let count = Count { tallies, left_out: told.left_out.iter().filter_map(known).collect() };
    match count.contradiction() {
        None => Ok(count),
        Some(tally) => Err(Invalid::new("trial_answer.tallies", tally.word())),
    }
}

fn counted(tally: &v1::Tally) -> Result<Counted, Invalid> {
    let (least, most) = (number("tally.number", tally.number)?, number("tally.most", tally.most)?);
    match most {
        0 => Ok(Counted::exactly(least)),
        most if most > least => Ok(Counted { least, most }),
        most => Err(Invalid::new("tally.most", most.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use tongpin_domain::digest::Digest;

    use super::*;

    /// Answers survive the round trip; what a newer child counts beside is passed over, and what cannot be is refused
    /// with the name of the field.
    #[test]
    fn answers() {
        let tallies = [
            (Tally::Documents, Counted::exactly(12)),
            (Tally::Movable, Counted { least: 8, most: 11 }),
            (Tally::Lacking, Counted::fewer_than(5)),
            (Tally::Stopped, Counted::exactly(0)),
        ];
        let count = Count { left_out: [Tally::Stopped].into(), ..tallies.into() };
        for answer in [Answer::Counted(count), Answer::Withheld, Answer::Unable, Answer::Postponed] {
            let told = TrialAnswer { trial: Digest::of(b"a form"), at: Moment(7), answer };
            let mut wire = v1::TrialAnswer::from(&told);
            wire.tallies.push(v1::Tally { name: "of a later version".into(), number: 3, most: 0 });
            wire.left_out.push("of a later version".into());
            assert_eq!(TrialAnswer::try_from(wire), Ok(told));
        }
        let wrong = |change: fn(&mut v1::TrialAnswer)| {
            let tallies = [(Tally::Documents, Counted::exactly(12)), (Tally::Movable, Counted { least: 8, most: 11 })];
            let answer = Answer::Counted(tallies.into());
            let mut wire = v1::TrialAnswer::from(&TrialAnswer { trial: Digest::of(b"a form"), at: Moment(7), answer });
            change(&mut wire);
            TrialAnswer::try_from(wire).map_err(|invalid| invalid.field)
        };
        assert_eq!(wrong(|wire| wire.trial = vec![1; 31].into()), Err("trial_answer.trial"));
        assert_eq!(wrong(|wire| wire.outcome = 9), Err("trial_answer.outcome"));
        assert_eq!(wrong(|wire| wire.tallies.iter_mut().for_each(|it| it.number = u64::MAX)), Err("tally.number"));
        assert_eq!(wrong(|wire| wire.tallies.iter_mut().for_each(|it| it.most = 8)), Err("tally.most"));
        let ends = |wire: &mut v1::TrialAnswer| {
            wire.tallies.iter_mut().filter(|it| it.most > 0).for_each(|it| (it.number, it.most) = (13, 14));
        };
        assert_eq!(wrong(ends), Err("trial_answer.tallies"), "thirteen of twelve");
    }
}
