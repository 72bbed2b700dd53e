// The console without this file works by links and forms. This adds: keys, the live preview, and words
// that survive a lost connection (kept in this browser until the server has them).
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* a full or closed store */ } },
    drop(key) { try { localStorage.removeItem(key); } catch { /* the same */ } },
  };
  const OFF = "muavu:phim-tat";

  // ---- one draft -------------------------------------------------------------------------------
  const fields = (form) => [...form.querySelectorAll("textarea, input[name=so], #ly_do")];
  const key = (form) => `muavu:tin:${form.dataset.id}`;
  const changed = (form) => fields(form).some((field) => field.value !== field.defaultValue);

  function keep(form) {
    if (!changed(form)) return store.drop(key(form));
    const words = { seen: form.dataset.xem, values: fields(form).map((field) => field.value) };
    store.set(key(form), JSON.stringify(words));
  }

  // Words left here by a lost connection come back, unless the server sent words of its own.
  function restore(form) {
    let kept;
    try { kept = JSON.parse(store.get(key(form)) ?? "null"); } catch { return; }
    const now = fields(form);
    if (!kept || kept.values?.length !== now.length || document.querySelector("section.wrong")) return;
    now.forEach((field, k) => { field.value = kept.values[k]; });
    if (!changed(form)) return store.drop(key(form));
    const other = kept.seen === form.dataset.xem ? "" : " Tin đã thay đổi từ lúc đó: hãy xem lại.";
    tell(`Lời bạn sửa lần trước (chưa lưu) đã được đưa lại vào ô.${other}`);
    preview(form);
  }

  function tell(words) {
    const line = $("mang");
    if (!line) return;
    line.textContent = words;
    line.hidden = false;
  }

  let waiting = 0;
  let asked = null;
  function preview(form) {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      asked?.abort();
      asked = new AbortController();
      const to = `/ban-duyet/tin/${form.dataset.id}/xem-truoc?manh=1`;
      try {
        const body = new URLSearchParams(new FormData(form));
        const answer = await fetch(to, { method: "POST", body, signal: asked.signal });
        if (answer.ok) $("xem-truoc").innerHTML = await answer.text();
      } catch (error) {
        if (error.name !== "AbortError") tell("Mất mạng: lời đang sửa được giữ trong máy này.");
      }
    }, 200);
  }

  // Sends the form; what the network swallows is kept and sent again when it is back. A server that is
  // started again is no change of network, so it is also tried every so often.
  const AGAIN_MS = 5000;
  let unsent = null;
  function again() { if (unsent) send(...unsent); }
  async function send(form, button) {
    const to = button?.getAttribute("formaction") ?? form.action;
    unsent = null;
    keep(form);
    form.querySelectorAll("button").forEach((b) => { b.disabled = true; });
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(to, { method: "POST", body });
      const at = new URL(answer.url).pathname;
      if (answer.status === 401 || at === "/ban-duyet/dang-nhap") {
        return tell("Phiên làm việc đã hết. Lời của bạn được giữ; đăng nhập lại ở thẻ khác rồi thử lại.");
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (!main) return tell("Máy chủ trả lời không đúng; lời của bạn được giữ trong máy này.");
      store.drop(key(form));
      document.querySelector("main").replaceWith(main);
      document.title = page.title;
      if (answer.redirected) history.pushState(null, "", answer.url);
      begin();
      scrollTo(0, 0);
      main.focus({ preventScroll: true });
    } catch {
      unsent = [form, button];
      setTimeout(again, AGAIN_MS);
      tell("Mất mạng: chưa gửi được. Lời của bạn được giữ trong máy này và sẽ gửi lại khi có mạng.");
    } finally {
      form.querySelectorAll("button").forEach((b) => { b.disabled = false; });
    }
  }
  addEventListener("popstate", () => location.reload());
  addEventListener("online", again);

  function begin() {
    const form = $("tin");
    if (!form) return;
    restore(form);
    form.addEventListener("input", () => { keep(form); preview(form); });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter);
    });
    // Enter in the reason does what the reason is for, in a figure nothing: none publishes by accident.
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      if (event.target.id === "ly_do") ($("bac") ?? $("rut"))?.click();
    });
  }

  // ---- keys ------------------------------------------------------------------------------------
  const rows = () => [...document.querySelectorAll(".drafts a")];
  function step(by) {
    const list = rows();
    if (!list.length) return document.querySelector(by > 0 ? "a[rel=next]" : "a[rel=prev]")?.click();
    const here = list.indexOf(document.activeElement);
    const next = Math.min(Math.max(here + by, 0), list.length - 1);
    list[next].focus();
  }
  const press = {
    j: () => step(1),
    k: () => step(-1),
    a: () => $("duyet")?.click(),
    s: () => $("sua")?.click(),
    e: () => $("loi_vi")?.focus(),
    r: () => { if ($("bac")) $("ly_do").focus(); },
    w: () => { if ($("rut")) $("ly_do").focus(); },
    g: () => document.querySelector(".groups a")?.click(),
    u: () => location.assign("/ban-duyet"),
    "?": () => $("phim")?.showModal(),
    Enter: () => { if (document.activeElement === document.body || document.activeElement?.tagName === "MAIN") rows()[0]?.click(); },
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input:not([type=checkbox]), textarea");
    if (event.key === "Escape" && typing) return event.target.blur();
    if (event.key === "Enter" && event.ctrlKey && $("duyet")) {
      event.preventDefault();
      return $("duyet").click();
    }
    const off = store.get(OFF) === "1" && event.key !== "?";
    if (typing || off || event.ctrlKey || event.metaKey || event.altKey || $("phim")?.open) return;
    const act = press[event.key];
    if (!act) return;
    if (event.key !== "Enter") event.preventDefault();
    act();
  });

  const shut = $("phim-tat");
  if (shut) {
    shut.checked = store.get(OFF) === "1";
    shut.addEventListener("change", () => store.set(OFF, shut.checked ? "1" : "0"));
  }
  begin();
})();
