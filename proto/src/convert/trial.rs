//! What a child answers to trials of forms, between the wire and the domain.

use tongpin_domain::form::{Answer, Counted, Tally, TrialAnswer};
use tongpin_domain::moment::Moment;

use super::{Invalid, digest, number};
use crate::v1;

impl From<&TrialAnswer> for v1::TrialAnswer {
    fn from(told: &TrialAnswer) -> Self {
        let (outcome, tallies) = match &told.answer {
            Answer::Counted(tallies) => (v1::TrialOutcome::Counted, tallies.iter().map(tally).collect()),
            Answer::Withheld => (v1::TrialOutcome::Withheld, Vec::new()),
            Answer::Unable => (v1::TrialOutcome::Unable, Vec::new()),
        };
        Self { trial: told.trial.0.to_vec().into(), counted_ms: told.at.0, outcome: outcome.into(), tallies }
    }
}

fn tally((tally, counted): (&Tally, &Counted)) -> v1::Tally {
    let (number, fewer) = match *counted {
        Counted::Exactly(number) => (number, false),
        Counted::FewerThan(number) => (number, true),
    };
    v1::Tally { name: tally.word().to_owned(), number, fewer }
}

impl TryFrom<v1::TrialAnswer> for TrialAnswer {
    type Error = Invalid;

    fn try_from(told: v1::TrialAnswer) -> Result<Self, Invalid> {
        let answer = match told.outcome() {
            v1::TrialOutcome::Counted => {
                // At most one number for each of what is counted is kept, whatever was sent.
                let known = told.tallies.iter().map(|tally| (Tally::read(&tally.name), tally));
                let known = known.filter(|(tally, _)| tally.unknown().is_none());
                Answer::Counted(known.map(|(name, tally)| Ok((name, counted(tally)?))).collect::<Result<_, _>>()?)
            }
            v1::TrialOutcome::Withheld => Answer::Withheld,
            v1::TrialOutcome::Unable => Answer::Unable,
            v1::TrialOutcome::Unspecified => {
                return Err(Invalid::new("trial_answer.outcome", told.outcome.to_string()));
            }
        };
        Ok(Self { trial: digest("trial_answer.trial", &told.trial)?, at: Moment(told.counted_ms), answer })
    }
}

fn counted(tally: &v1::Tally) -> Result<Counted, Invalid> {
    let number = number("tally.number", tally.number)?;
    match (tally.fewer, number) {
        (false, number) => Ok(Counted::Exactly(number)),
        // Fewer than two of which there are some is one, and fewer than one is none of what can be told.
        (true, 0 | 1) => Err(Invalid::new("tally.number", number.to_string())),
        (true, number) => Ok(Counted::FewerThan(number)),
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
        let tallies = [(Tally::Documents, Counted::Exactly(12)), (Tally::Lacking, Counted::FewerThan(5))];
        for answer in [Answer::Counted(tallies.into()), Answer::Withheld, Answer::Unable] {
            let told = TrialAnswer { trial: Digest::of(b"a form"), at: Moment(7), answer };
            let mut wire = v1::TrialAnswer::from(&told);
            wire.tallies.push(v1::Tally { name: "of a later version".into(), number: 3, fewer: false });
            assert_eq!(TrialAnswer::try_from(wire), Ok(told));
        }
        let wrong = |change: fn(&mut v1::TrialAnswer)| {
            let answer = Answer::Counted([(Tally::Open, Counted::FewerThan(5))].into());
            let mut wire = v1::TrialAnswer::from(&TrialAnswer { trial: Digest::of(b"a form"), at: Moment(7), answer });
            change(&mut wire);
            TrialAnswer::try_from(wire).map_err(|invalid| invalid.field)
        };
        assert_eq!(wrong(|wire| wire.trial = vec![1; 31].into()), Err("trial_answer.trial"));
        assert_eq!(wrong(|wire| wire.outcome = 9), Err("trial_answer.outcome"));
        assert_eq!(wrong(|wire| wire.tallies.iter_mut().for_each(|it| it.number = u64::MAX)), Err("tally.number"));
        assert_eq!(wrong(|wire| wire.tallies.iter_mut().for_each(|it| it.number = 1)), Err("tally.number"));
    }
}
