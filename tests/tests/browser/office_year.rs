//! A city, one of its counties and a township of that county, as they stand when the counties have reported: guidance
//! published, projects entered by the township, scored, collected; with an account for every role.

use anyhow::{Context, Result};
use tempfile::TempDir;
use tongpin_tests::demo::{self, DataFolder, Federation};
use tongpin_tests::process::Bureau;

use crate::people::Person;

const PASSWORD: &str = "Maple-signal-905";
pub(crate) const CLERK: Person = Person { name: "jingban", display_name: "经办-001", password: PASSWORD };
pub(crate) const APPROVER: Person = Person { name: "shenhe", display_name: "审核-002", password: PASSWORD };
pub(crate) const PUBLISHER: Person = Person { name: "fabu", display_name: "发布-003", password: PASSWORD };
pub(crate) const READER: Person = Person { name: "chakan", display_name: "查看-004", password: PASSWORD };
pub(crate) const SYSTEM: Person = Person { name: "xitong", display_name: "系统管理员-901", password: PASSWORD };
pub(crate) const SECURITY: Person = Person { name: "anquan", display_name: "安全管理员-902", password: PASSWORD };
pub(crate) const AUDITOR: Person = Person { name: "shenji", display_name: "审计员-903", password: PASSWORD };

/// Everybody with their duty, the one who enters first.
pub(crate) const EVERYBODY: [(&Person, &str); 7] = [
    (&CLERK, "enter"),
    (&APPROVER, "approve"),
    (&PUBLISHER, "publish"),
    (&READER, "read"),
    (&SYSTEM, "system"),
    (&SECURITY, "security"),
    (&AUDITOR, "audit"),
];

/// The three levels, running.
pub(crate) struct OfficeYear {
    federation: Federation,
    office: Bureau,
    /// The township's code.
    pub(crate) township: String,
    folder: TempDir,
}

impl OfficeYear {
    /// Founds them and lets the year go by.
    pub(crate) fn begin() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut data = DataFolder::read(demo::samples())?;
        data.counties.retain(|county| county.township.is_some());
        data.counties.truncate(1);
        let (township, _) = data.counties[0].township.clone().context("a county with a township")?;
        let mut quiet = |_: &str| {};
        let federation = Federation::found(&data, folder.path(), &mut quiet)?;
        federation.publish_guidance(&data, &mut quiet)?;
        federation.enter_projects(&data, &mut quiet)?;
        federation.score(&mut quiet)?;
        federation.collect(&data, &mut quiet)?;
        let office = federation.counties[0].township.clone().context("its township runs")?;
        let year = Self { federation, office, township, folder };
        for bureau in [year.city(), year.county(), year.office()] {
            for (person, duty) in EVERYBODY.iter().filter(|(_, duty)| *duty != "publish" || bureau == year.city()) {
                let add = ["account", "add", person.name, "--display", person.display_name, "--duties", duty];
                bureau.run_told(&[&add[..], &["--password-stdin"]].concat(), PASSWORD)?;
            }
        }
        Ok(year)
    }

    /// The city's bureau.
    pub(crate) fn city(&self) -> &Bureau {
        &self.federation.hub
    }

    /// The county's.
    pub(crate) fn county(&self) -> &Bureau {
        &self.federation.counties[0].bureau
    }

    /// The township's.
    pub(crate) fn office(&self) -> &Bureau {
        &self.office
    }

    /// Where a bureau's console is.
    pub(crate) fn page(&self, bureau: &Bureau) -> Result<&str> {
        let (_, running) = self.federation.of(bureau).context("a bureau that runs")?;
        Ok(&running.page)
    }

    /// Where files can be laid down.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}
