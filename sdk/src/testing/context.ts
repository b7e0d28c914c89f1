/** What the kit needs of a test: that of ava has it. Checks throw where they fail, so that any runner can tell. */
export interface TestContext {
	/** Runs `end` after the test, in reverse order. What it throws fails the test. */
	teardown(end: () => unknown): void;
	/** Counts as an assertion: ava fails a test that makes none. */
	pass(): unknown;
}

/** What declares a test: ava's `test`, `test.serial`, or a function of that shape. */
export type Test = (title: string, body: (t: TestContext) => Promise<void>) => unknown;
