import type { LeaseRef, Queue } from "../../src/queue/queue.ts";

/** A queue whose leases have the text "held", all of them: a lease tells holds on one job apart, and need not tell jobs apart. */
export function sameLeases(queue: Queue): Queue {
  const real = new Map<string, string>();
  const inward = <Ref extends LeaseRef>(ref: Ref): Ref => ({ ...ref, lease: real.get(ref.id) ?? "" });
  const outward = <Ref extends LeaseRef>(ref: Ref): Ref => ({ ...ref, lease: "held" });
  const claim: Queue["claim"] = async ({ settle = [], ...options }) => {
    const { jobs, lost, ...rest } = await queue.claim({ ...options, settle: settle.map(inward) });
    for (const { id, lease } of jobs) real.set(id, lease);
    return { ...rest, jobs: jobs.map(outward), lost: lost.map(outward) };
  };
  const renew: Queue["renew"] = async (leases, leaseMs) => (await queue.renew(leases.map(inward), leaseMs)).map(outward);
  return Object.create(queue, { claim: { value: claim }, renew: { value: renew } }) as Queue;
}
