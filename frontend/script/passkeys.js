// Signing in with a passkey and adding one, where the browser knows them; without it the code from an app works.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function plain(credential) {
  const { response } = credential;
  const found = { id: credential.id, rawId: text(credential.rawId), type: credential.type, clientExtensionResults: credential.getClientExtensionResults(), response: { clientDataJSON: text(response.clientDataJSON) } };
  if (credential.authenticatorAttachment) found.authenticatorAttachment = credential.authenticatorAttachment;
  if (response.attestationObject) {
    found.response.attestationObject = text(response.attestationObject);
    found.response.transports = response.getTransports?.() ?? [];
  } else {
    found.response.authenticatorData = text(response.authenticatorData);
    found.response.signature = text(response.signature);
    found.response.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return found;
}

const listed = (items) => (items ?? []).map((item) => ({ ...item, id: bytes(item.id) }));

function asked(options) {
  const key = options.publicKey;
  return { publicKey: { ...key, challenge: bytes(key.challenge), allowCredentials: listed(key.allowCredentials) } };
}

function made(options) {
  const key = options.publicKey;
  return {
    publicKey: { ...key, challenge: bytes(key.challenge), user: { ...key.user, id: bytes(key.user.id) }, excludeCredentials: listed(key.excludeCredentials) },
  };
}

async function optionsOf(form) {
  if (form.dataset.optionsUrl) {
    const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    return (await answer.json()).request_options;
  }
  return JSON.parse(document.getElementById(form.dataset.options).textContent);
}

async function use(form) {
  const options = await optionsOf(form);
  const credential = form.dataset.passkey === "create" ? await navigator.credentials.create(made(options)) : await navigator.credentials.get(asked(options));
  form.querySelector("[name=credential]").value = JSON.stringify(plain(credential));
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(form).catch(() => {
      delete form.dataset.sent;
      const error = form.querySelector("[data-passkey-error]");
      if (error) error.hidden = false;
    });
  });
}
