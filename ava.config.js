/** Tests are TypeScript that Node runs as it is; a guest that must be built first may take a while. */
export default {
	files: ['test/**/*.test.ts'],
	extensions: ['ts'],
	// The files of the linker as they were compiled, so that its tests need no bundle.
	nodeArguments: ['--conditions=development'],
	timeout: '3m',
	concurrency: 2,
	// A process for each file: tests count what their process holds.
	workerThreads: false,
};
