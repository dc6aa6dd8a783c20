//! Which 二级指标 belongs to which 一级指标 (财预〔2020〕10号, 财预〔2021〕101号): asked by every form, file and page. The words
//! themselves are in [`vocabulary`](crate::vocabulary), the second levels there in the order of the first ones.

use crate::intake::Words;
use crate::number::half_width;
use crate::vocabulary::{LEVEL1, LEVEL2};

/// The second levels of a first one; none of a word that is no first level.
#[must_use]
pub fn below(first: &str) -> Option<&'static [&'static str]> {
    let [cost @ .., _, _, _, _, _, _, _, _] = &LEVEL2;
    let [_, _, _, output @ .., _, _, _, _, _] = &LEVEL2;
    let [_, _, _, _, _, _, effect @ .., _] = &LEVEL2;
    let [.., satisfaction] = &LEVEL2;
    let below = [&cost[..], &output[..], &effect[..], std::slice::from_ref(satisfaction)];
    let at = LEVEL1.iter().position(|word| *word == plain(first))?;
    below.get(at).copied()
}

/// Forms write 产出指标 and 数量指标 as well.
fn plain(word: &str) -> String {
    let word = half_width(word.trim());
    word.strip_suffix("指标").unwrap_or(&word).to_owned()
}

/// What the second level should have been, if it does not belong to the first. A blank belongs anywhere, and what
/// stands under a word that is no first level is for whoever uses that word.
#[must_use]
pub fn misplaced(first: &str, second: &str) -> Option<Words> {
    let (allowed, second) = (below(first)?, plain(second));
    if second.is_empty() || allowed.contains(&second.as_str()) {
        return None;
    }
    let (first, words) = (plain(first), allowed.join("、"));
    let home = LEVEL1.iter().find(|other| below(other).is_some_and(|below| below.contains(&second.as_str())));
    let hint = home.map(|home| format!("；“{second}”属于“{home}”")).unwrap_or_default();
    let hint_en = home.map(|home| format!("; {second} belongs to {home}")).unwrap_or_default();
    // Older forms have 成本 below 产出.
    let old =
        if second == "成本" { "；成本现在是一级指标，请改填一级指标“成本”" } else { "" };
    Some(Words::new(
        format!("一级指标“{first}”之下的{words}{hint}{old}"),
        format!("below the first level {first}: {words}{hint_en}"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each second level belongs to exactly one first level, with or without 指标 behind it.
    #[test]
    fn each_in_its_place() {
        for second in LEVEL2 {
            let homes: Vec<_> = LEVEL1.iter().filter(|first| misplaced(first, second).is_none()).collect();
            assert_eq!(homes.len(), 1, "{second}: {homes:?}");
        }
        assert_eq!(LEVEL1.iter().map(|first| below(first).expect("a first level").len()).sum::<usize>(), LEVEL2.len());
        assert_eq!(misplaced("产出指标", " 数量指标 "), None);
        assert_eq!(misplaced("满意度指标", "服务对象满意度指标"), None);
        assert_eq!((misplaced("产出", ""), misplaced("", "数量"), misplaced("决策", "立项依据")), (None, None, None));
    }

    /// What is misplaced is told with its own place.
    #[test]
    fn told() {
        let words = misplaced("效益", "数量").expect("misplaced");
        assert_eq!(words.zh, "一级指标“效益”之下的经济效益、社会效益、生态效益、可持续影响；“数量”属于“产出”");
        assert!(misplaced("产出", "成本指标").expect("an older form").zh.contains("请改填一级指标“成本”"));
        assert!(misplaced("满意度", "其他").is_some());
    }
}
