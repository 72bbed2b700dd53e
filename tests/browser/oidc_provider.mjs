// A real identity provider with its own pages for login and consent: the npm package oidc-provider. Says
// "listening" once it is there; whoever types a login is that person (its devInteractions).
//
//   npm install --prefix $MUAVU_TEST_OIDC oidc-provider@9.13.3
//   PORT=3000 REDIRECT_URI=http://127.0.0.1:8780/ban-duyet/dang-nhap/oidc/ve CLIENT_SECRET=… \
//     MUAVU_TEST_OIDC=… node tests/browser/oidc_provider.mjs
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { PORT, REDIRECT_URI, CLIENT_SECRET, MUAVU_TEST_OIDC } = process.env;
const from = createRequire(`${MUAVU_TEST_OIDC}/package.json`);
const { Provider } = await import(pathToFileURL(from.resolve("oidc-provider")));

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  clients: [{
    client_id: "muavu",
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code"],
    response_types: ["code"],
  }],
  pkce: { required: () => true },
  cookies: { keys: ["a key of this test"] },
  features: { devInteractions: { enabled: true } },
  // As a national identity would: the number is told to whom the person allows it, beside the token.
  scopes: ["openid", "citizen"],
  claims: { openid: ["sub"], citizen: ["citizen_id"] },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, citizen_id: `0860-${sub}` }) }),
});
provider.on("server_error", (_, error) => console.error(error));
provider.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
