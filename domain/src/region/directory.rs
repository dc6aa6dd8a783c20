//! The divisions of a release with the codes they had before: the one place where a former code is followed, so that a
//! county whose code changed stays the same county to everybody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Region, RegionCode};

/// More changes of code than any division has seen; a circle of them, which a typing error makes, ends here.
const LONGEST_HISTORY: usize = 8;
/// How many divisions are named as what may have been meant.
const LIKELY: usize = 3;
/// How many digits a code may differ by from one that may have been meant.
const SLIPS: usize = 2;

/// The divisions of one release of the `regions` catalog, with their former codes.
#[derive(Debug, Clone, Default)]
pub struct Regions {
    by_code: BTreeMap<RegionCode, Region>,
    aliases: HashMap<RegionCode, RegionCode>,
}

impl Regions {
    /// Builds the directory; a later entry of the same code wins.
    #[must_use]
    pub fn new(regions: impl IntoIterator<Item = Region>) -> Self {
        let mut all = Self::default();
        for region in regions {
            for alias in &region.alias_codes {
                all.aliases.insert(alias.clone(), region.code.clone());
            }
            all.by_code.insert(region.code.clone(), region);
        }
        all
    }

    /// Whether no division is known at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_code.is_empty()
    }

    /// The code in use today: a former code is followed to its successor, and so are the townships under it
    /// (`320571052` → `320576052`). Unknown codes stay as they are.
    #[must_use]
    pub fn current(&self, code: &RegionCode) -> RegionCode {
        let mut now = code.clone();
        for _ in 0..LONGEST_HISTORY {
            match self.successor(&now) {
                Some(next) if next != now => now = next,
                _ => break,
            }
        }
        now
    }

    fn successor(&self, code: &RegionCode) -> Option<RegionCode> {
        if self.by_code.get(code).is_some_and(|region| region.valid_to.is_none()) {
            return None;
        }
        if let Some(now) = self.aliases.get(code) {
            return Some(now.clone());
        }
        let above = self.aliases.iter().filter(|(old, _)| code.within(old));
        let (old, now) = above.max_by_key(|(old, _)| (old.stem().len(), *old))?;
        code.moved(old, now)
    }

    /// The codes that a division had before the present one, sorted.
    #[must_use]
    pub fn formerly(&self, code: &RegionCode) -> Vec<RegionCode> {
        let now = self.current(code);
        let followed = self.aliases.keys().filter(|old| **old != now && self.current(old) == now);
        followed.cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether two codes are of one division.
    #[must_use]
    pub fn same(&self, one: &RegionCode, other: &RegionCode) -> bool {
        one == other || self.current(one) == self.current(other)
    }

    /// Whether a division is another or lies inside it, under whatever codes the two are named.
    #[must_use]
    pub fn within(&self, code: &RegionCode, other: &RegionCode) -> bool {
        let now = self.current(code);
        let inside = |whole: &RegionCode| code.within(whole) || now.within(whole);
        inside(other) || inside(&self.current(other)) || self.formerly(other).iter().any(inside)
    }

    /// The code that a division bears inside a bureau's own: a bureau that was certified under a former code certifies
    /// what lies below it under the same. `None` if the division does not lie inside.
    #[must_use]
    pub fn inside(&self, code: &RegionCode, own: &RegionCode) -> Option<RegionCode> {
        if code.within(own) {
            return Some(code.clone());
        }
        let now = self.current(code);
        let mut known = std::iter::once(now.clone()).chain(self.formerly(code));
        known.find(|known| known.within(own)).or_else(|| now.moved(&self.current(own), own))
    }

    /// The divisions inside `own` that somebody may have meant who typed a code that none has, the likeliest first.
    #[must_use]
    pub fn likely(&self, typed: &RegionCode, own: &RegionCode) -> Vec<&Region> {
        let slips = |region: &Region| {
            let (a, b) = (typed.as_str(), region.code.as_str());
            let differ = a.bytes().zip(b.bytes()).filter(|(a, b)| a != b).count();
            differ.saturating_add(a.len().abs_diff(b.len()))
        };
        let below = self.by_code.values().filter(|region| region.code != *own && self.within(&region.code, own));
        let mut found: Vec<(usize, &Region)> = below.map(|region| (slips(region), region)).collect();
        found.retain(|(slips, _)| *slips <= SLIPS);
        found.sort_by_key(|(slips, region)| (*slips, region.code.clone()));
        found.into_iter().take(LIKELY).map(|(_, region)| region).collect()
    }

    /// The division of a code, former codes included.
    #[must_use]
    pub fn get(&self, code: &RegionCode) -> Option<&Region> {
        self.by_code.get(&self.current(code))
    }

    /// The name of a code, or the code itself where it is unknown.
    #[must_use]
    pub fn name(&self, code: &RegionCode) -> String {
        self.get(code).map_or_else(|| code.to_string(), |region| region.name.clone())
    }

    /// All divisions, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Region> {
        self.by_code.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> RegionCode {
        RegionCode::new(text).expect("a valid code")
    }

    fn region(own: &str, former: &[&str]) -> Region {
        Region {
            code: code(own),
            name: format!("名 {own}"),
            level: String::new(),
            parent_code: code("320500"),
            mof_div_code: String::new(),
            kind: String::new(),
            alias_codes: former.iter().map(|text| code(text)).collect(),
            valid_from: None,
            valid_to: None,
            note: String::new(),
        }
    }

    /// 320571 became 320576; its streets moved with it.
    #[test]
    fn former_codes() {
        let regions = Regions::new([region("320576", &["320571"])]);
        assert_eq!(regions.current(&code("320571")), code("320576"));
        assert_eq!(regions.current(&code("320571052")), code("320576052"));
        assert_eq!(regions.name(&code("320571")), "名 320576");
        assert_eq!(regions.current(&code("320581")), code("320581"));
    }

    /// A code that changed twice is followed to the end, whether its steps are told one by one or at once, and an entry
    /// that has ended gives way to its successor. A circle, made by a slip, ends.
    #[test]
    fn changed_more_than_once() {
        let ended = |own: &str, former: &[&str]| Region { valid_to: Some("2025-12-31".into()), ..region(own, former) };
        let regions = Regions::new([ended("320586", &["320585"]), region("320587", &["320586"])]);
        assert_eq!(regions.current(&code("320585")), code("320587"));
        assert_eq!(regions.current(&code("320585100")), code("320587100"));
        assert_eq!(regions.formerly(&code("320587")), [code("320585"), code("320586")]);
        let at_once = Regions::new([region("320587", &["320585", "320586"])]);
        assert!(at_once.same(&code("320585"), &code("320586")) && !at_once.same(&code("320585"), &code("320581")));
        let circle = Regions::new([ended("320586", &["320585"]), ended("320585", &["320586"])]);
        assert!(!circle.same(&code("320585"), &code("320581")));
    }

    /// What lies inside a division lies inside it under either code; of its neighbours that is as untrue as before.
    #[test]
    fn ancestry_over_a_change() {
        let regions = Regions::new([region("320586", &["320585"]), region("320586100", &["320585101"])]);
        let (old, new) = (code("320585"), code("320586"));
        for county in [&old, &new] {
            for inside in ["320585", "320586", "320585100", "320586103"] {
                assert!(regions.within(&code(inside), county), "{inside} in {county}");
            }
            assert!(!regions.within(&code("320581"), county) && !regions.within(&code("320500"), county));
            assert!(regions.within(county, &code("320500")));
        }
        // A township has a former code of its own, or gets the digits of its county's.
        assert_eq!(regions.inside(&code("320586100"), &old), Some(code("320585101")));
        assert_eq!(regions.inside(&code("320586107"), &old), Some(code("320585107")));
        assert_eq!(regions.inside(&code("320586107"), &new), Some(code("320586107")));
        assert_eq!(regions.inside(&new, &old), Some(old.clone()));
        assert_eq!(regions.inside(&code("320581001"), &old), None);
    }

    /// Whoever mistypes a code is told which was meant: those that differ in few digits, the nearest first, and none
    /// outside the own region.
    #[test]
    fn mistyped() {
        let all = ["320500", "320581", "320582", "320583", "320506", "330581"].map(|own| region(own, &[]));
        let regions = Regions::new(all);
        let likely = |typed: &str| {
            let found = regions.likely(&code(typed), &code("320500"));
            found.into_iter().map(|region| region.code.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(likely("320584"), ["320581", "320582", "320583"]);
        assert_eq!(likely("320596"), ["320506", "320581", "320582"]);
        assert_eq!(likely("320777"), Vec::<String>::new());
    }
}
