//! Where to ask for: sites, and the grid cells that several sites share.

use std::collections::BTreeMap;

use crate::domain::PlaceId;

/// A place with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Which place.
    pub place: PlaceId,
    /// Degrees north, WGS84.
    pub lat: f64,
    /// Degrees east, WGS84.
    pub lon: f64,
}

impl Site {
    /// Returns the sites of these places and positions.
    #[must_use]
    pub fn list(places: &[(PlaceId, f64, f64)]) -> Vec<Self> {
        let site = |(place, lat, lon): &(PlaceId, f64, f64)| Self {
            place: place.clone(),
            lat: *lat,
            lon: *lon,
        };
        places.iter().map(site).collect()
    }
}

/// A regular grid on which a provider computes; cells are centred on multiples of the steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// The grid's name; part of the cells' place ids.
    pub name: &'static str,
    /// Degrees from cell to cell, northwards.
    pub lat_step: f64,
    /// Degrees from cell to cell, eastwards.
    pub lon_step: f64,
}

/// A grid cell and the sites in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The cell as a place, `grid:<name>.<lat>_<lon>`, at its centre.
    pub site: Site,
    /// The places in it, in the order they were given.
    pub members: Vec<PlaceId>,
}

impl Grid {
    /// Returns the cell a position lies in, as a place at the cell's centre.
    #[must_use]
    pub fn cell_of(&self, lat: f64, lon: f64) -> Option<Site> {
        let (north, east) = self.steps(lat, lon)?;
        self.site(north, east)
    }

    /// Returns the cells that hold these sites, from south-west to north-east.
    #[must_use]
    pub fn cells(&self, sites: &[Site]) -> Vec<Cell> {
        let mut members: BTreeMap<(i64, i64), Vec<PlaceId>> = BTreeMap::new();
        for site in sites {
            if let Some(key) = self.steps(site.lat, site.lon) {
                members.entry(key).or_default().push(site.place.clone());
            }
        }
        let cell = |((north, east), members)| {
            let site = self.site(north, east)?;
            Some(Cell { site, members })
        };
        members.into_iter().filter_map(cell).collect()
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "positions are checked to be on the globe, so a step count fits easily"
    )]
    fn steps(&self, lat: f64, lon: f64) -> Option<(i64, i64)> {
        let on_globe = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        on_globe
            .then(|| ((lat / self.lat_step).round() as i64, (lon / self.lon_step).round() as i64))
    }

    #[allow(clippy::cast_precision_loss, reason = "step counts are below 4,000")]
    fn site(&self, north: i64, east: i64) -> Option<Site> {
        let (lat, lon) = (north as f64 * self.lat_step, east as f64 * self.lon_step);
        // Three decimals name every grid in use; ids allow no sign but '-'.
        let place = PlaceId::new("grid", &format!("{}.{lat:.3}_{lon:.3}", self.name)).ok()?;
        Some(Site { place, lat, lon })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: Grid = Grid { name: "ens025", lat_step: 0.25, lon_step: 0.25 };

    #[test]
    fn sites_share_the_cell_around_its_centre() {
        let sites = Site::list(&[
            ("commune:28756".parse().unwrap(), 10.2275, 106.4072),
            ("commune:28777".parse().unwrap(), 10.2013, 106.3772),
            ("commune:29000".parse().unwrap(), 9.60, 106.52),
            ("commune:29001".parse().unwrap(), f64::NAN, 106.52),
        ]);
        let cells = QUARTER.cells(&sites);
        assert_eq!(cells.len(), 2);
        assert_eq!(cells[0].site.place.as_str(), "grid:ens025.9.500_106.500");
        assert_eq!(cells[1].site.place.as_str(), "grid:ens025.10.250_106.500");
        assert_eq!(cells[1].members.len(), 2);
        assert_eq!(QUARTER.cell_of(10.2275, 106.4072).unwrap().place, cells[1].site.place);
    }
}
