//! What occurs among the projects: what filters can be set to, years, funds and names.

use std::collections::{BTreeMap, BTreeSet};

use tongpin_domain::region::RegionCode;

use super::{FIRST_AUTHOR, PROJECT};
use crate::boxed;
use crate::db::Store;
use crate::error::StoreError;
use crate::sql::{Line, listed, sql};

/// What filters can be set to: whatever occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProjectChoices {
    /// Funds, code and name.
    pub funds: Vec<(String, String)>,
    /// Departments.
    pub departments: Vec<String>,
    /// Townships, code and name.
    pub townships: Vec<(String, String)>,
    /// Years, the newest first.
    pub years: Vec<i64>,
    /// Ratings.
    pub ratings: Vec<String>,
}

impl Store {
    /// What filters of projects can be set to.
    #[boxed]
    pub async fn project_choices(&self) -> Result<ProjectChoices, StoreError> {
        let mut reader = self.reader().await?;
        let text =
            "SELECT DISTINCT fund_code, fund_name, department, township, township_name, fiscal_year FROM project";
        let (mut funds, mut departments) = (BTreeMap::new(), BTreeSet::new());
        let (mut townships, mut years) = (BTreeMap::new(), BTreeSet::new());
        for line in sql(PROJECT, "reading what projects have", text).all(&mut reader).await? {
            funds.insert(line.text("fund_code")?, line.text("fund_name")?);
            departments.insert(line.text("department")?);
            townships.insert(line.text("township")?, line.text("township_name")?);
            years.extend(line.maybe_int("fiscal_year")?);
        }
        let text = "SELECT DISTINCT rating FROM score WHERE rating <> '' ORDER BY rating";
        let query = sql("score", "reading ratings", text);
        let ratings = query.read(&mut reader, |line| line.text("rating")).await?;
        let named = |found: BTreeMap<String, String>| found.into_iter().filter(|(code, _)| !code.is_empty()).collect();
        Ok(ProjectChoices {
            funds: named(funds),
            departments: departments.into_iter().filter(|name| !name.is_empty()).collect(),
            townships: named(townships),
            years: years.into_iter().rev().collect(),
            ratings,
        })
    }

    /// The years of one author's projects, ascending.
    #[boxed]
    pub async fn project_years(&self, author: &RegionCode) -> Result<BTreeSet<i32>, StoreError> {
        let text = "SELECT DISTINCT fiscal_year FROM project WHERE author = $1";
        let query = sql(PROJECT, "reading years", text).shown(author);
        let years = query.read(&mut *self.reader().await?, |line| line.maybe_int("fiscal_year")).await?;
        Ok(years.into_iter().flatten().filter_map(|year| year.try_into().ok()).collect())
    }

    /// How many projects each fund pays for, by its code.
    #[boxed]
    pub async fn projects_by_fund(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        let text =
            format!("SELECT fund_code, COUNT(*) AS count FROM project AS p WHERE {FIRST_AUTHOR} GROUP BY fund_code");
        let count = |line: &Line| Ok((line.text("fund_code")?, line.number("count")?));
        let counts = sql(PROJECT, "counting projects", text).read(&mut *self.reader().await?, count).await?;
        Ok(counts.into_iter().collect())
    }

    /// What some projects are called, by code.
    #[boxed]
    pub async fn project_names(&self, codes: &[&str]) -> Result<BTreeMap<String, String>, StoreError> {
        let codes_listed = listed(self.kind(), 1);
        let text = format!("SELECT code, name FROM project AS p WHERE code IN {codes_listed} AND {FIRST_AUTHOR}");
        let name = |line: &Line| Ok((line.text("code")?, line.text("name")?));
        let query = sql(PROJECT, "reading names", text).list(codes);
        Ok(query.read(&mut *self.reader().await?, name).await?.into_iter().collect())
    }
}
