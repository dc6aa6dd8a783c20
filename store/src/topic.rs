//! 变更主题: what a change is about. Whoever keeps something in memory, or waits, does so for a topic, and is told of
//! nothing else. A note that nobody waits for (a heartbeat, a contact, when a session was last seen) has none.

use tongpin_domain::catalog::CatalogId;
use tongpin_domain::region::RegionCode;

/// What a committed change is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Releases of a catalog that are held here, or whom they were rolled out to.
    Catalog(CatalogId),
    /// The draft of a catalog, or when it is to be published.
    Draft(CatalogId),
    /// Who may come in for a region: its invitation and certificates.
    Standing(RegionCode),
    /// What is known of a child beside that: a second machine with its identity, a log that went back.
    Child(RegionCode),
    /// How far children have come with releases.
    Progress,
    /// The receipts made for a child.
    Receipts(RegionCode),
    /// What was decided about records of an author, or what of them differs.
    Decisions(RegionCode),
    /// Reports that came for a collection, and what was decided about it or them.
    Reports(String),
    /// This node's own reports, and the receipts about them.
    MyReports,
    /// Questions, asked or received.
    Questions,
    /// A stream of what goes up.
    Outbox(String),
    /// Records of a kind.
    Records(String),
    /// Records of one project: of itself, its lines, or what was decided about them.
    Project(String),
    /// The same of so many projects that they are not named.
    ManyProjects,
    /// Which projects are to be scored.
    Due,
    /// Scores.
    Scores,
    /// Why a collection is not reported by itself.
    Stalls,
    /// Accounts, and the tokens of other systems.
    Accounts,
    /// A named text of this database.
    Setting(String),
}

impl Topic {
    /// The word under which other processes find it, and which of that kind it is.
    pub(crate) fn row(&self) -> (&'static str, String) {
        match self {
            Self::Catalog(id) => ("catalog", id.to_string()),
            Self::Draft(id) => ("draft", id.to_string()),
            Self::Standing(region) => ("standing", region.to_string()),
            Self::Child(region) => ("child", region.to_string()),
            Self::Progress => ("progress", String::new()),
            Self::Receipts(region) => ("receipts", region.to_string()),
            Self::Decisions(region) => ("decisions", region.to_string()),
            Self::Reports(collection) => ("reports", collection.clone()),
            Self::MyReports => ("my_reports", String::new()),
            Self::Questions => ("questions", String::new()),
            Self::Outbox(stream) => ("outbox", stream.clone()),
            Self::Records(kind) => ("records", kind.clone()),
            Self::Project(code) => ("project", code.clone()),
            Self::ManyProjects => ("many_projects", String::new()),
            Self::Due => ("due", String::new()),
            Self::Scores => ("scores", String::new()),
            Self::Stalls => ("stalls", String::new()),
            Self::Accounts => ("accounts", String::new()),
            Self::Setting(key) => ("setting", key.clone()),
        }
    }

    /// The topic of a row; `None` for one that this program does not know.
    pub(crate) fn of_row(name: &str, key: String) -> Option<Self> {
        let region = |key: &str| RegionCode::new(key).ok();
        let catalog = |key: &str| {
            let (publisher, name) = key.split_once('/')?;
            Some(CatalogId::new(region(publisher)?, name))
        };
        Some(match name {
            "catalog" => Self::Catalog(catalog(&key)?),
            "draft" => Self::Draft(catalog(&key)?),
            "standing" => Self::Standing(region(&key)?),
            "child" => Self::Child(region(&key)?),
            "progress" => Self::Progress,
            "receipts" => Self::Receipts(region(&key)?),
            "decisions" => Self::Decisions(region(&key)?),
            "reports" => Self::Reports(key),
            "my_reports" => Self::MyReports,
            "questions" => Self::Questions,
            "outbox" => Self::Outbox(key),
            "records" => Self::Records(key),
            "project" => Self::Project(key),
            "many_projects" => Self::ManyProjects,
            "due" => Self::Due,
            "scores" => Self::Scores,
            "stalls" => Self::Stalls,
            "accounts" => Self::Accounts,
            "setting" => Self::Setting(key),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every topic is told to other processes as what it is.
    #[test]
    fn there_and_back() {
        let region = || RegionCode::new("320581").expect("a code");
        let id = || CatalogId::new(region(), "rules");
        let key = || "x/y".to_owned();
        for topic in [
            Topic::Catalog(id()),
            Topic::Draft(id()),
            Topic::Standing(region()),
            Topic::Child(region()),
            Topic::Progress,
            Topic::Receipts(region()),
            Topic::Decisions(region()),
            Topic::Reports(key()),
            Topic::MyReports,
            Topic::Questions,
            Topic::Outbox(key()),
            Topic::Records(key()),
            Topic::Project(key()),
            Topic::ManyProjects,
            Topic::Due,
            Topic::Scores,
            Topic::Stalls,
            Topic::Accounts,
            Topic::Setting(key()),
        ] {
            let (name, key) = topic.row();
            assert_eq!(Topic::of_row(name, key), Some(topic));
        }
        assert_eq!(Topic::of_row("of a newer program", String::new()), None);
        assert_eq!(Topic::of_row("catalog", "no catalog".into()), None);
    }
}
