//! What is told of numbers, by hand and for all small ones.

use super::*;

fn told(documents: u64, movable: u64, lacking: u64, smallest: u64) -> [Counted; 3] {
    let numbers = [(Tally::Documents, documents), (Tally::Movable, movable), (Tally::Lacking, lacking)];
    let told = Tallies { numbers: numbers.into(), left_out: BTreeSet::new() }.told(smallest);
    assert_eq!(told.tallies.len(), Tally::ALL.len());
    assert_eq!(told.contradiction(), None);
    [Tally::Documents, Tally::Movable, Tally::Lacking].map(|tally| told.tallies[&tally])
}

/// One to four documents are told as fewer than five, and fewer than a county's own smallest group where that is more;
/// so are those that are left beside a number, and none are none.
#[test]
fn few_are_not_told() {
    let (exactly, few) = (Counted::exactly, Counted::fewer_than(5));
    let between = |least, most| Counted { least, most };
    assert_eq!(told(20, 20, 4, 1), [exactly(20), exactly(20), few]);
    assert_eq!(told(20, 20, 5, 1), [exactly(20), exactly(20), exactly(5)]);
    assert_eq!(told(20, 20, 15, 1), [exactly(20), exactly(20), exactly(15)]);
    assert_eq!(told(20, 20, 16, 1), [exactly(20), exactly(20), between(16, 19)], "four do not lack it");
    assert_eq!(told(20, 20, 19, 1), [exactly(20), exactly(20), between(16, 19)]);
    assert_eq!(told(20, 20, 20, 1), [exactly(20); 3]);
    assert_eq!(told(20, 18, 18, 1), [exactly(20), between(16, 19), between(16, 19)], "two cannot move");
    assert_eq!(told(20, 12, 9, 1), [exactly(20), exactly(12), between(8, 11)]);
    assert_eq!(told(20, 20, 0, 1), [exactly(20), exactly(20), exactly(0)]);
    // Of six the five that lack it and the one that does not are told alike, else it would show which.
    assert_eq!(told(6, 6, 5, 1), [exactly(6), exactly(6), between(1, 5)]);
    assert_eq!(told(6, 6, 1, 1), [exactly(6), exactly(6), between(1, 5)]);
    assert_eq!(told(3, 3, 2, 1), [few; 3]);
    assert_eq!(told(7, 7, 7, 10), [Counted::fewer_than(10); 3]);
    assert_eq!((few.text(Lang::Zh), between(16, 19).text(Lang::Zh)), ("少于 5".to_owned(), "16～19".to_owned()));
    assert_eq!((few.text(Lang::En), between(16, 19).text(Lang::En)), ("fewer than 5".into(), "16 to 19".into()));
}

/// Whoever hears the numbers of up to twenty-four documents cannot tell from all of them together how many of a group
/// of one to four there are: there are three others at least that would be told in the same way.
#[test]
fn nothing_follows_from_all_of_them() {
    let mut heard: BTreeMap<Vec<(u64, u64)>, Vec<[u64; 5]>> = BTreeMap::new();
    for documents in 0..=24 {
        for movable in 0..=documents {
            for lacking in 0..=movable {
                let told = told(documents, movable, lacking, 1);
                for (told, number) in told.iter().zip([documents, movable, lacking]) {
                    assert!((told.least..=told.most).contains(&number), "{documents} {movable} {lacking}: {told:?}");
                }
                let others = [documents - movable, documents - lacking, movable - lacking];
                let groups = [movable, lacking, others[0], others[1], others[2]];
                heard.entry(told.map(|told| (told.least, told.most)).into()).or_default().push(groups);
            }
        }
    }
    for (told, groups) in heard {
        for group in 0..5 {
            let can_be: BTreeSet<u64> = groups.iter().map(|all| all[group]).collect();
            let few = can_be.iter().all(|number| (1..FEW).contains(number));
            assert!(!few || can_be.len() >= 4, "{told:?}: the {group}th is {can_be:?}");
        }
    }
}

/// A part that is more than its whole cannot be, nor ends that are the wrong way round.
#[test]
fn what_cannot_be() {
    let exactly = Counted::exactly;
    let of = |tallies: [(Tally, Counted); 2]| Count::from(tallies).contradiction().cloned();
    assert_eq!(of([(Tally::Documents, exactly(7)), (Tally::Movable, exactly(7))]), None);
    assert_eq!(of([(Tally::Documents, exactly(7)), (Tally::Movable, exactly(8))]), Some(Tally::Movable));
    assert_eq!(of([(Tally::Movable, exactly(7)), (Tally::Stopped, exactly(9))]), Some(Tally::Stopped));
    assert_eq!(of([(Tally::Documents, Counted::fewer_than(5)), (Tally::Unread, exactly(5))]), Some(Tally::Unread));
    let turned = Counted { least: 4, most: 1 };
    assert_eq!(of([(Tally::Documents, turned), (Tally::Movable, exactly(0))]), Some(Tally::Documents));
}
