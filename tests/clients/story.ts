// What the tests do with the client; each function is run by name and its answer printed.
import createClient from "openapi-fetch";
import { Session } from "./session.js";
import type { paths } from "./schema";

const SHOP = "xeno-demo.myshopify.com";
const OWNER = "owner@demo.example";

/** Signs in, comes back as after a reload with nothing but the refresh token, and lists. */
export async function walk(address: string, password: string) {
  const before = new Session(address);
  await before.signIn(OWNER, password);
  const first = localStorage.getItem("xeno.refresh");
  const { api } = new Session(address, SHOP);

  const seen: (string | null)[] = [];
  let cursor: string | undefined;
  do {
    const query = { ordering: "-total_spent", page_size: 2, cursor } as const;
    const { data } = await api.GET("/customers", { params: { query } });
    if (!data) return null;
    seen.push(...data.results.map((customer) => customer.email));
    cursor = data.next ? (new URL(data.next).searchParams.get("cursor") ?? undefined) : undefined;
  } while (cursor);
  return { seen, rotated: localStorage.getItem("xeno.refresh") !== first };
}

/** Two tabs wake up at once, each with several calls and no access token. */
export async function tabs(address: string, password: string) {
  await new Session(address).signIn(OWNER, password);
  const woken = [new Session(address, SHOP), new Session(address, SHOP)];
  const calls = woken.flatMap(({ api }) => [api.GET("/orders"), api.GET("/products")]);
  return (await Promise.all(calls)).map(({ response }) => response.status);
}

/** What is refused, and what the types refuse before anything is sent. */
export async function refusals(address: string, password: string) {
  const { api } = await signedIn(address, password, SHOP);
  const elsewhere = await signedIn(address, password, "cy.myshopify.com");
  // @ts-expect-error there is no such filter
  const unknown = await api.GET("/customers", { params: { query: { citty: "Leeds" } } });
  const invalid = await api.GET("/customers", { params: { query: { country: "gb" } } });
  const foreign = await elsewhere.api.GET("/customers");
  const anonymous = await createClient<paths>({ baseUrl: address }).GET("/auth/me");
  return [unknown, invalid, foreign, anonymous].map(({ response, error }) => {
    const mistake = error?.errors[0];
    return [response.status, mistake?.code, mistake?.attr];
  });
}

/** Signs out in one tab; the other one is told to sign in. */
export async function leaving(address: string, password: string) {
  const one = await signedIn(address, password, SHOP);
  const other = await signedIn(address, password, SHOP);
  await other.signOut();
  const wrong = await one.signIn(OWNER, "wrong");
  const after = await other.api.GET("/customers").catch((error: Error) => error.constructor.name);
  return { wrong, after };
}

async function signedIn(address: string, password: string, store: string): Promise<Session> {
  const session = new Session(address, store);
  const refusal = await session.signIn(OWNER, password);
  if (refusal) throw new Error(refusal);
  return session;
}
