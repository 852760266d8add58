// A secret of the phone's own authenticator (WebAuthn with its PRF extension): it answers only on this phone, after the phone
// itself has been unlocked by finger, face or pattern, and needs no network. Whether a phone has one is found out by asking.
import { drawn, fromBase64, toBase64, type Bytes } from "../core/bytes.ts";

/** This phone has no such authenticator, or its holder refused. */
export class NoHardware extends Error {}

export interface Hardware {
  readonly credential: string;
  readonly asks: string;
  readonly secret: Bytes;
}

/** ES256 and RS256: what authenticators of phones and laptops make. */
const KINDS = [-7, -257];
const MOST_MS = 120_000;

/** Tell whether this phone may have one; whether it gives a secret shows when one is made. */
export async function mayHaveHardware(): Promise<boolean> {
  const ask = globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable;
  return ask === undefined ? false : ask.call(PublicKeyCredential).catch(() => false);
}

interface Answers {
  readonly prf?: { readonly enabled?: boolean; readonly results?: { readonly first?: ArrayBuffer } };
}

const answersOf = (made: Credential | null): Answers => ((made as PublicKeyCredential | null)?.getClientExtensionResults() ?? {}) as Answers;
const asking = (asks: Bytes): AuthenticationExtensionsClientInputs => ({ prf: { eval: { first: asks } } }) as AuthenticationExtensionsClientInputs;

/** Make a key on the authenticator and read its secret. Throws NoHardware. */
export async function newHardware(): Promise<Hardware> {
  const asks = drawn(32);
  const options: PublicKeyCredentialCreationOptions = {
    challenge: drawn(32),
    rp: { name: "Handup" },
    user: { id: drawn(16), name: "Handup", displayName: "Handup" },
    pubKeyCredParams: KINDS.map((alg) => ({ type: "public-key", alg })),
    authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required", residentKey: "discouraged" },
    timeout: MOST_MS,
    extensions: asking(asks),
  };
  const made = await navigator.credentials.create({ publicKey: options }).catch(() => null);
  const told = answersOf(made).prf;
  if (!made || !told?.enabled) throw new NoHardware();
  const credential = toBase64(new Uint8Array((made as PublicKeyCredential).rawId));
  const first = told.results?.first;
  return { credential, asks: toBase64(asks), secret: first ? new Uint8Array(first) : await askHardware(credential, toBase64(asks)) };
}

/** Ask the authenticator for its secret: the same each time. `stop`: whoever asks goes another way. Throws NoHardware. */
export async function askHardware(credential: string, asks: string, stop?: AbortSignal): Promise<Bytes> {
  const options: PublicKeyCredentialRequestOptions = {
    challenge: drawn(32),
    allowCredentials: [{ type: "public-key", id: fromBase64(credential), transports: ["internal"] }],
    userVerification: "required",
    timeout: MOST_MS,
    extensions: asking(fromBase64(asks)),
  };
  const first = answersOf(await navigator.credentials.get({ publicKey: options, ...(stop ? { signal: stop } : {}) }).catch(() => null)).prf?.results?.first;
  if (!first) throw new NoHardware();
  return new Uint8Array(first);
}
