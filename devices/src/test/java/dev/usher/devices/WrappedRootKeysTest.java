package dev.usher.devices;

import dev.usher.store.EveryEngine;
import dev.usher.store.TestDatabase;

@EveryEngine
class WrappedRootKeysTest extends WrappedRootKeysContract {

    WrappedRootKeysTest(TestDatabase engine) {
        super(engine, TestJoinServer.VAULT);
    }
}
