//! Where: areas by name, polygon, circle and code. Coordinates are WGS 84, latitude first.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{CapError, NamedValue};

/// Steps of a degree that are kept: 0.00001°, about a metre; finer would claim what nobody surveyed.
const STEPS_PER_DEGREE: f64 = 1e5;
/// Steps of a kilometre that are kept: metres.
const STEPS_PER_KM: f64 = 1e3;

/// A point in WGS 84, kept to 0.00001 degrees.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(f64, f64)", into = "(f64, f64)")]
pub struct Point {
    lat: f64,
    lon: f64,
}

impl Point {
    /// Returns the point at this latitude and longitude, degrees north and east.
    ///
    /// # Errors
    /// [`CapError::Point`] beyond ±90 or ±180 degrees and for what is no number.
    pub fn new(lat: f64, lon: f64) -> Result<Self, CapError> {
        if !(lat.abs() <= 90.0 && lon.abs() <= 180.0) {
            return Err(CapError::Point { lat, lon });
        }
        Ok(Self { lat: rounded(lat, STEPS_PER_DEGREE), lon: rounded(lon, STEPS_PER_DEGREE) })
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.lat, self.lon)
    }
}

impl TryFrom<(f64, f64)> for Point {
    type Error = CapError;

    fn try_from((lat, lon): (f64, f64)) -> Result<Self, CapError> {
        Self::new(lat, lon)
    }
}

impl From<Point> for (f64, f64) {
    fn from(point: Point) -> Self {
        (point.lat, point.lon)
    }
}

fn rounded(value: f64, steps: f64) -> f64 {
    // Adding zero turns -0 into 0, which is written without a sign.
    (value * steps).round() / steps + 0.0
}

/// A closed ring of points (CAP, `polygon`). That it does not cross itself is not checked: CAP does
/// not ask for it, and the boundaries we send come from tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Point>", into = "Vec<Point>")]
pub struct Polygon(Vec<Point>);

impl Polygon {
    /// Returns the polygon of these points, the last of which is the first again.
    ///
    /// # Errors
    /// [`CapError::Polygon`] with fewer than four points or fewer than three different ones, and
    /// when it is not closed.
    pub fn new(points: Vec<Point>) -> Result<Self, CapError> {
        let refused = |reason| Err(CapError::Polygon { points: points.len(), reason });
        if points.len() < 4 {
            return refused("has fewer than four points");
        }
        if points.first() != points.last() {
            return refused("does not end where it began");
        }
        let other = points.iter().find(|p| **p != points[0]);
        if !points.iter().any(|p| *p != points[0] && Some(p) != other) {
            return refused("has fewer than three different points");
        }
        Ok(Self(points))
    }

    /// Returns the polygon of a `GeoJSON` ring, whose positions are longitude first.
    ///
    /// # Errors
    /// As [`Polygon::new`] and [`Point::new`].
    pub fn from_geojson_ring(ring: &[[f64; 2]]) -> Result<Self, CapError> {
        let points: Result<_, _> = ring.iter().map(|[lon, lat]| Point::new(*lat, *lon)).collect();
        Self::new(points?)
    }
}

impl TryFrom<Vec<Point>> for Polygon {
    type Error = CapError;

    fn try_from(points: Vec<Point>) -> Result<Self, CapError> {
        Self::new(points)
    }
}

impl From<Polygon> for Vec<Point> {
    fn from(polygon: Polygon) -> Self {
        polygon.0
    }
}

impl fmt::Display for Polygon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points: Vec<String> = self.0.iter().map(Point::to_string).collect();
        f.write_str(&points.join(" "))
    }
}

/// A point and a radius around it (CAP, `circle`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(Point, f64)", into = "(Point, f64)")]
pub struct Circle {
    centre: Point,
    radius_km: f64,
}

impl Circle {
    /// Returns the circle of this radius, kilometres, kept to the metre.
    ///
    /// # Errors
    /// [`CapError::Radius`] unless it is a number of at least a metre.
    pub fn new(centre: Point, radius_km: f64) -> Result<Self, CapError> {
        let kept = rounded(radius_km, STEPS_PER_KM);
        if !(kept > 0.0 && kept.is_finite()) {
            return Err(CapError::Radius { radius_km });
        }
        Ok(Self { centre, radius_km: kept })
    }
}

impl TryFrom<(Point, f64)> for Circle {
    type Error = CapError;

    fn try_from((centre, radius_km): (Point, f64)) -> Result<Self, CapError> {
        Self::new(centre, radius_km)
    }
}

impl From<Circle> for (Point, f64) {
    fn from(circle: Circle) -> Self {
        (circle.centre, circle.radius_km)
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.centre, self.radius_km)
    }
}

/// An area for which an `info` holds. Several polygons and circles mean all of them together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Area {
    /// The area in words, in the language of its `info` (`areaDesc`).
    pub area_desc: String,
    /// Its outlines.
    pub polygons: Vec<Polygon>,
    /// Circles.
    pub circles: Vec<Circle>,
    /// Codes, for who knows the coding system; the standard wants an outline beside them.
    pub geocodes: Vec<NamedValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point::new(lat, lon).unwrap()
    }

    #[test]
    fn polygons_are_latitude_first_and_closed() {
        let ring = [[106.1, 9.9], [106.2, 9.9], [106.2, 10.000_004], [106.1, 9.9]];
        let polygon = Polygon::from_geojson_ring(&ring).unwrap();
        assert_eq!(polygon.to_string(), "9.9,106.1 9.9,106.2 10,106.2 9.9,106.1");
        let open = Polygon::from_geojson_ring(&[ring[0], ring[1], ring[2], ring[1]]).unwrap_err();
        assert_eq!(open.to_string(), "polygon of 4 points does not end where it began");
    }

    #[test]
    fn what_is_no_polygon_is_refused() {
        let (a, b) = (point(9.9, 106.1), point(9.9, 106.2));
        for points in [vec![], vec![a], vec![a, b, a], vec![a, a, a, a], vec![a, b, b, a]] {
            assert!(Polygon::new(points).is_err());
        }
    }

    #[test]
    fn points_outside_the_earth_are_refused_and_zero_has_no_sign() {
        for (lat, lon) in [(91.0, 0.0), (f64::NAN, 0.0), (0.0, f64::INFINITY), (106.1, 9.9)] {
            assert!(Point::new(lat, lon).is_err());
        }
        assert_eq!(point(-0.000_000_1, -90.5).to_string(), "0,-90.5");
        assert_eq!(point(0.000_01, 1e-9).to_string(), "0.00001,0");
    }

    #[test]
    fn circles_have_a_radius_in_kilometres() {
        let circle = Circle::new(point(10.194_386, 106.692_91), 5.0).unwrap();
        assert_eq!(circle.to_string(), "10.19439,106.69291 5");
        for radius in [0.0, -1.0, 0.000_4, f64::NAN, f64::INFINITY] {
            assert!(Circle::new(point(0.0, 0.0), radius).is_err());
        }
    }
}
