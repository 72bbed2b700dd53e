// Keeps the last pages on the phone: with a network the new one, without it the last one, marked
// with when it was kept so that the page tells its age.
"use strict";
var SHELL = "muavu-shell-@VERSION@", PAGES = "muavu-pages-1", MAX = 12, WAIT = 6000;
var FILES = @FILES@;
self.addEventListener("install", function (e) {
  e.waitUntil(caches.open(SHELL).then(function (c) { return c.addAll(FILES); }).then(function () {
    return fetch("/").then(store.bind(null, "/"));
  }).then(function () { return self.skipWaiting(); }));
});
self.addEventListener("activate", function (e) {
  e.waitUntil(caches.keys().then(function (keys) {
    return Promise.all(keys.map(function (k) { return k === SHELL || k === PAGES ? null : caches.delete(k); }));
  }).then(function () { return self.clients.claim(); }));
});
function store(key, answer) {
  if (!answer.ok || answer.redirected) return answer;
  var copy = answer.clone();
  return copy.text().then(function (text) {
    var headers = new Headers(answer.headers);
    headers.set("x-saved", String(Date.now()));
    headers.delete("content-encoding");
    headers.delete("content-length");
    return caches.open(PAGES).then(function (c) {
      return c.delete(key).then(function () { return c.put(key, new Response(text, { headers: headers })); }).then(function () {
        return c.keys();
      }).then(function (keys) { return Promise.all(keys.slice(0, -MAX).map(function (k) { return c.delete(k); })); });
    });
  }).then(function () { return answer; }, function () { return answer; });
}
function kept(request) {
  return caches.open(PAGES).then(function (c) {
    return c.match(request).then(function (hit) { return hit || c.match(request, { ignoreSearch: true }); })
      .then(function (hit) { return hit || c.match("/"); });
  }).then(function (hit) {
    if (!hit) return Response.error();
    return hit.text().then(function (text) {
      var saved = "<html data-saved=\"" + Number(hit.headers.get("x-saved")) + "\" ";
      return new Response(text.replace("<html ", saved), { headers: hit.headers });
    });
  });
}
self.addEventListener("fetch", function (e) {
  var r = e.request, u = new URL(r.url);
  if (r.method !== "GET" || u.origin !== location.origin) return;
  if (FILES.indexOf(u.pathname) >= 0) {
    e.respondWith(caches.match(r).then(function (hit) { return hit || fetch(r); }));
  } else if (r.mode === "navigate" && (u.pathname === "/" || u.pathname.indexOf("/xa/") === 0)) {
    var late = new Promise(function (done) { setTimeout(done, WAIT); }).then(function () {
      return kept(r).then(function (a) { return a.type === "error" ? new Promise(function () {}) : a; });
    });
    var fresh = fetch(r).then(function (a) {
      var key = u.pathname === "/" ? (u.search ? null : "/") : r;
      return key ? store(key, a) : a;
    });
    e.respondWith(Promise.race([fresh, late]).catch(function () { return kept(r); }));
  }
});
