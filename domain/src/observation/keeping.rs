//! What was reported by month stands against what a file says of the same figures: 全年执行数 is the sum of opening and
//! months, and 实际完成值 what was reached. A file brings everything else of its rows.

use super::{Observation, latest, spent_until};
use crate::money::Amount;
use crate::number::Typed;
use crate::project::{Project, ProjectIndicator};

/// Keeps 全年执行数 the sum of a project's months, whatever a new version of the project says. Gives the other amount that
/// was not taken; a blank says nothing and is passed over. `held` is the project before.
pub fn keep_executed(project: &mut Project, held: Option<&Project>, months: &[Observation]) -> Option<Amount> {
    let mut of_year =
        months.iter().filter(|it| it.project_code == project.code && it.year == project.fiscal_year).peekable();
    of_year.peek()?;
    let before = held.map(|held| &held.money.executed);
    let kept = match (spent_until(of_year, 12), before) {
        // An amount that says the same stays as it was typed.
        (Some(sum), _) if project.money.executed.fen() == Some(sum) => return None,
        (Some(sum), Some(before)) if before.fen() == Some(sum) => before.clone(),
        (Some(sum), _) => sum.into(),
        // A sum that cannot be told leaves what is held.
        (None, Some(before)) => before.clone(),
        (None, None) => return None,
    };
    let given = std::mem::replace(&mut project.money.executed, kept);
    (!given.is_missing() && given != project.money.executed).then_some(given)
}

/// Keeps 实际完成值 of a line that is reported by month, whatever a file says. Gives the other value that was not taken.
/// `held` is the line before; where its number stands for another indicator now, the file is right.
pub fn keep_actual(
    line: &mut ProjectIndicator,
    held: Option<&ProjectIndicator>,
    months: &[Observation],
) -> Option<Typed> {
    let (_, reported) = latest(months, line.seq)?;
    let kept = match held {
        Some(held) if held.name.trim() != line.name.trim() => return None,
        // The self-evaluation's word stays until the next report.
        Some(held) => held.actual.clone(),
        None => reported.clone(),
    };
    let given = std::mem::replace(&mut line.actual, kept);
    let same = given.raw().trim() == line.actual.raw().trim()
        || given.number().is_some_and(|number| line.actual.number() == Some(number));
    (!given.is_missing() && !same).then_some(given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{OPENING, Output};

    fn month(month: u8, spent: &str, reached: &str) -> Observation {
        let json = format!(
            r#"{{"project_code":"P1","year":2024,"month":{month},"spent":"{spent}","reported_at":0,"changed_at":0}}"#
        );
        let outputs = vec![Output { seq: 1, value: Typed::parse(reached) }];
        Observation { outputs, ..serde_json::from_str(&json).expect("an observation") }
    }

    fn project(executed: &str) -> Project {
        let json = format!(
            r#"{{"project_code":"P1","project_name":"n","fiscal_year":2024,"region_code":"320581","executed":"{executed}"}}"#
        );
        serde_json::from_str(&json).expect("a project")
    }

    fn line(name: &str, actual: &str) -> ProjectIndicator {
        let json = format!(r#"{{"project_code":"P1","seq":1,"name":"{name}","weight":"9","actual":"{actual}"}}"#);
        serde_json::from_str(&json).expect("a line")
    }

    /// The sum stays, and another amount is given back; the same amount, a blank, another year and a project without
    /// months are taken as they are. A sum that cannot be told leaves what is held.
    #[test]
    fn execution() {
        let months = [month(OPENING, "100", ""), month(3, "20.50", "")];
        let kept = |executed: &str, held: Option<&str>, months: &[Observation]| {
            let mut fresh = project(executed);
            let held = held.map(project);
            let given = keep_executed(&mut fresh, held.as_ref(), months);
            (fresh.money.executed.raw().to_owned(), given.map(|given| given.raw().to_owned()))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(kept("99", None, &months), ("120.50".into(), some("99")));
        assert_eq!(kept("99", Some("１２０．５"), &months), ("１２０．５".into(), some("99")));
        assert_eq!(kept("约99", Some("120.50"), &months), ("120.50".into(), some("约99")));
        assert_eq!(kept("120.5", Some("120.50"), &months), ("120.5".into(), None));
        assert_eq!(kept("", Some("120.50"), &months), ("120.50".into(), None));
        assert_eq!(kept("99", Some("5"), &[]), ("99".into(), None));
        let unclear = [month(1, "约3万", "")];
        assert_eq!(kept("99", Some("5"), &unclear), ("5".into(), some("99")));
        let mut next = project("99");
        next.fiscal_year = 2025;
        assert_eq!((keep_executed(&mut next, None, &months), next.money.executed.raw()), (None, "99"));
    }

    /// A line that is reported by month keeps its value; one that is not, or that is another indicator now, is the
    /// file's.
    #[test]
    fn actuals() {
        let months = [month(2, "1", "30"), month(3, "1", "40")];
        let kept = |fresh: ProjectIndicator, held: Option<ProjectIndicator>, months: &[Observation]| {
            let mut fresh = fresh;
            let given = keep_actual(&mut fresh, held.as_ref(), months);
            (fresh.actual.raw().to_owned(), given.map(|given| given.raw().to_owned()))
        };
        assert_eq!(kept(line("甲", "12"), Some(line("甲", "40")), &months), ("40".into(), Some("12".into())));
        assert_eq!(kept(line("甲", "12"), Some(line("甲", "41")), &months), ("41".into(), Some("12".into())));
        assert_eq!(kept(line("甲", "12"), None, &months), ("40".into(), Some("12".into())));
        assert_eq!(kept(line("甲", "４０"), Some(line("甲", "40")), &months), ("40".into(), None));
        assert_eq!(kept(line("甲", ""), Some(line("甲", "40")), &months), ("40".into(), None));
        assert_eq!(kept(line("乙", "12"), Some(line("甲", "40")), &months), ("12".into(), None));
        assert_eq!(kept(line("甲", "12"), Some(line("甲", "40")), &[month(2, "1", "")]), ("12".into(), None));
    }
}
