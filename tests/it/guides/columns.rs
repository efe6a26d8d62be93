//! docs/research.md has every column of every CSV file, in order.

use std::fs;

use super::{Files, TABLES, cells, file_name, page};

#[test]
fn every_file_has_the_columns_that_the_guide_describes() {
    let (files, page) = (Files::make(), page("research.md"));
    for table in TABLES {
        let text = fs::read_to_string(files.path(table)).expect("a file");
        let mut header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
        if table.ends_with("sweep.csv") {
            let varied: Vec<&str> = header.splice(1..3, []).collect();
            assert_eq!(varied, ["miners.count", "owners.redundancy"]);
        }
        let title = format!("### {}\n", file_name(table));
        let (_, section) = page.split_once(&title).unwrap_or_else(|| panic!("no {title}"));
        let section = section.split("\n#").next().unwrap_or_default();
        let rows: Vec<_> = section.lines().filter_map(cells).skip(2).collect();
        let documented: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(documented, header, "{table}");
        for row in &rows {
            assert!(
                row.len() == 4 && !row[1].is_empty() && !row[3].is_empty(),
                "{table}: {row:?}"
            );
        }
    }
}
