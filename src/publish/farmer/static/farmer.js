// Remembers commune, crop and sowing date on this phone, tells the age of a kept page, asks where
// the phone is when told to. Everything works without it.
(function () {
  "use strict";
  var d = document, root = d.documentElement, b = d.body.dataset, KEY = "muavu";
  function kept() { try { return JSON.parse(localStorage.getItem(KEY)) || {}; } catch (e) { return {}; } }
  function keep(v) { try { localStorage.setItem(KEY, JSON.stringify(v)); } catch (e) { /* private window */ } }
  function $(id) { return d.getElementById(id); }
  function age(ms) {
    var m = ms / 6e4, w = b.ages.split("|");
    if (m < 1) return w[0];
    if (m < 60) return w[1].replace("0", Math.floor(m));
    if (m < 2880) return w[2].replace("0", Math.floor(m / 60));
    return w[3].replace("0", Math.floor(m / 1440));
  }
  var q = new URLSearchParams(location.search), mem = kept();
  if (b.code) {
    // Another visit to the same commune without a crop: the crop and sowing date kept here.
    if (!q.get("vu") && mem.code === b.code && mem.search && d.referrer.indexOf(location.host) < 0) {
      var p = new URLSearchParams(mem.search);
      if (q.get("lang")) p.set("lang", q.get("lang"));
      location.replace(location.pathname + "?" + p);
    } else {
      if (q.get("vu") || mem.code !== b.code) mem = { code: b.code, name: b.name, search: q.get("vu") ? location.search : "" };
      keep(mem);
    }
  } else if (mem.code && $("mine")) {
    var to = "/xa/" + encodeURIComponent(mem.code) + (mem.search || "");
    if (q.has("app")) location.replace(to);
    $("mine").hidden = false;
    $("mine").querySelector("a").href = to;
    $("mine").querySelector("b").textContent = mem.name;
    $("forget").onclick = function () { try { localStorage.removeItem(KEY); } catch (e) { /* none */ } $("mine").hidden = true; };
  }
  var near = $("near");
  if (near && navigator.geolocation) {
    near.hidden = false;
    near.onclick = function () {
      navigator.geolocation.getCurrentPosition(function (at) {
        var c = at.coords;
        q.set("gan", c.latitude.toFixed(3) + "," + c.longitude.toFixed(3));
        q.delete("q");
        location.href = "/?" + q;
      }, function () { $("nowhere").hidden = false; }, { timeout: 15000, maximumAge: 6e5 });
    };
  }
  d.querySelectorAll("time[data-age]").forEach(function (t) { t.textContent = age(Date.now() - Date.parse(t.dateTime)); });
  var saved = Number(root.dataset.saved);
  if (saved) {
    var line = $("offline");
    line.textContent = line.textContent.replace("0", age(Date.now() - saved));
    line.hidden = false;
  }
  var answer = $("answer");
  if (answer && answer.dataset.until && Date.now() > Date.parse(answer.dataset.until)) {
    answer.className = "answer old";
    $("over").hidden = false;
  }
  if ($("print")) { $("print").hidden = false; $("print").onclick = function () { print(); }; }
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(function () { /* plain http */ });
})();
