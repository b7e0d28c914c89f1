// An admission rule: an image is pinned to its digest, and asks for 64 MiB at most.
import {Request, Verdict} from './bindings/exports/admission';

const MOST: u64 = 64 * 1024 * 1024;

export function admit(verdict: Verdict, request: Request): Verdict {
	const spec = request.spec;
	if (spec.environment.length > 0 && spec.environment[0].item0 == 'TRAP') unreachable();
	if (spec.limits.memory > MOST) return Verdict.refused(`${spec.limits.memory} bytes of memory are too many`);
	if (spec.digest == null) return Verdict.refused('its digest is not pinned');
	return verdict;
}
