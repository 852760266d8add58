// Whether the office can be reached now, and whether it still knows who is at this page.
export type Reach = "THERE" | "SIGNED_OUT" | "NO_NETWORK";

/** Ask an address of the office that only somebody signed in reads: whoever is not is sent elsewhere. */
export async function reach(address: string): Promise<Reach> {
  try {
    const answer = await fetch(address, { method: "HEAD", cache: "no-store", redirect: "manual" });
    if (answer.ok) return "THERE";
    return answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403 ? "SIGNED_OUT" : "NO_NETWORK";
  } catch {
    return "NO_NETWORK";
  }
}

/** The token a page of the office is sent with now: signing in again made the one of an open page worthless. */
export async function tokenNow(address: string): Promise<string> {
  const answer = await fetch(address, { cache: "no-store", credentials: "same-origin" });
  return /name="csrfmiddlewaretoken" value="([^"]+)"/.exec(await answer.text())?.[1] ?? "";
}
