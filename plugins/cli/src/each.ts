import type {Engine} from '@forgeone/sdk/client';
import * as Args from '@oclif/core/args';
import {withEngine} from './engine.ts';

/** The containers that a command is about: one at least, by id, by the beginning of an id, or by name. */
export const containerArgs = {
	container: Args.string({required: true, ignoreStdin: true, description: 'an id, the beginning of one, or a name; several may be given'}),
};

/** One container, the same way. */
export const containerArg = {
	container: Args.string({required: true, ignoreStdin: true, description: 'an id, the beginning of one, or a name'}),
};

/** Does the same to each of the containers, and prints its name once that is done. One that fails does not spare the others; the first failure is thrown at the end. */
export async function each(
	ids: readonly unknown[],
	work: (containers: Engine['containers'], id: string) => Promise<unknown>,
): Promise<void> {
	await withEngine(async ({containers}) => {
		const failures: unknown[] = [];
		for (const id of ids as readonly string[]) {
			await work(containers, id).then(
				() => console.log(id),
				error => failures.push(error),
			);
		}
		if (failures.length > 0) throw failures[0];
	});
}
