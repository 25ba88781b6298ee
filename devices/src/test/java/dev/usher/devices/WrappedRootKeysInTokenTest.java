package dev.usher.devices;

import dev.usher.keys.SoftHsm;
import dev.usher.keys.Vault;
import dev.usher.store.TestDatabase;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class WrappedRootKeysInTokenTest extends WrappedRootKeysContract {

    private static @Nullable Vault token;

    WrappedRootKeysInTokenTest() {
        super(TestDatabase.SQLITE, token());
    }

    @BeforeAll
    static void open() throws IOException, InterruptedException {
        token = SoftHsm.open(SoftHsm.ONE);
    }

    @AfterAll
    static void closeToken() {
        if (token != null) {
            token.close();
        }
    }

    private static Vault token() {
        if (token == null) {
            throw new IllegalStateException("open comes first");
        }
        return token;
    }
}
