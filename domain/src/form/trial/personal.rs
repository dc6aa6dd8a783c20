//! 个人信息: what a trial must not count, because a number would tell of what is personal in documents: a city could draft
//! a form whose check asks for somebody's identity card, and read from the number whether there is a document of
//! theirs.

use std::collections::BTreeSet;

use super::Tally;
use crate::form::evaluate::{Needs, needed_by, needs};
use crate::form::{Becomes, Definition, Difference, Field};

/// What of some releases of a form is personal, or follows from what is. A field that one of them marks is personal in
/// all of them: a draft that takes the mark away learns nothing by that.
#[derive(Debug, Clone, Default)]
pub struct Personal {
    /// Fields, as [`Definition::field_at`] names them.
    places: BTreeSet<String>,
    /// Fields that are asked, or calculated, by something personal.
    following: BTreeSet<String>,
    /// Checks, by their names.
    checks: BTreeSet<String>,
}

impl Personal {
    /// What is so in these releases.
    #[must_use]
    pub fn of(releases: &[&Definition]) -> Self {
        let mut places: BTreeSet<String> = BTreeSet::new();
        let mut all = Needs::new();
        for release in releases {
            for field in &release.fields {
                let inner = field.fields.iter().filter(|inner| field.personal || inner.personal);
                places.extend(inner.map(|inner| format!("{}.{}", field.name, inner.name)));
                places.extend(field.personal.then(|| field.name.clone()));
            }
            for (place, needed) in needs(release) {
                all.entry(place).or_default().extend(needed);
            }
        }
        let mut following = BTreeSet::new();
        loop {
            let more = all.iter().filter(|(place, needed)| !following.contains(*place) && !needed.is_disjoint(&places));
            let more: Vec<String> = more.map(|(place, _)| place.clone()).collect();
            if more.is_empty() {
                break;
            }
            places.extend(more.iter().cloned());
            following.extend(more);
        }
        let looks = |release: &&Definition| {
            let checks = release.checks.iter().filter(|check| !needed_by(release, check).is_disjoint(&places));
            checks.map(|check| check.name.clone()).collect::<Vec<_>>()
        };
        let checks = releases.iter().flat_map(looks).collect();
        Self { places, following, checks }
    }

    /// Whether somebody who hears of a difference hears of something personal. That a field is new and empty tells
    /// nothing, unless what is personal decides whether it is asked.
    pub(super) fn tells(&self, difference: &Difference) -> bool {
        // A cell stands as `roads.r3.reason`, its field as `roads.reason`; names of fields have no dots.
        let place = match difference.place.split('.').collect::<Vec<_>>().as_slice() {
            [rows, _, inner] => format!("{rows}.{inner}"),
            _ => difference.place.clone(),
        };
        match difference.becomes {
            Becomes::CheckAdded | Becomes::CheckChanged | Becomes::CheckResult | Becomes::CheckDropped => {
                self.checks.contains(&difference.place)
            }
            Becomes::AddedRequired => self.following.contains(&place),
            _ => self.places.contains(&place),
        }
    }

    /// What is not counted whole of documents that move from one release to another. It is decided by the releases
    /// alone, whatever stands in documents.
    #[must_use]
    pub fn left_out(&self, before: &Definition, after: &Definition) -> BTreeSet<Tally> {
        let mut found = BTreeSet::new();
        for (place, now) in after.places().filter(|(place, _)| self.places.contains(place)) {
            let then = before.field_at(&place);
            let told = then.is_none() && !self.following.contains(&place);
            if now.required && now.is_typed() && !told {
                found.insert(Tally::Lacking);
            }
            let Some(then) = then else { continue };
            if !is_same(then, now) {
                found.insert(Tally::Refused);
            }
            if now.retired && !then.retired {
                found.insert(Tally::Retired);
            }
            let retires = |code: &str| now.choices.iter().any(|choice| choice.code == code && choice.retired);
            if then.choices.iter().any(|choice| !choice.retired && retires(&choice.code)) {
                found.insert(Tally::Chosen);
            }
        }
        if after.checks.iter().any(|check| self.checks.contains(&check.name)) {
            found.insert(Tally::Stopped);
        }
        found
    }
}

/// Whether both take the same values.
fn is_same(then: &Field, now: &Field) -> bool {
    let takes = |field: &Field| {
        (field.kind.clone(), field.least, field.most, field.longest, field.places, field.retired, field.choices.clone())
    };
    takes(then) == takes(now)
}
