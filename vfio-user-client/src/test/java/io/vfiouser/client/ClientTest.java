package io.vfiouser.client;

import io.vfiouser.protocol.Capabilities;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What tests of the client against a scripted server share. Calls that wait run beside the test,
/// which plays the server.
@ExtendWith(NoDescriptorLeaks.class)
abstract class ClientTest {
    /// Proposes what [FakeServer#VERSION] says.
    static final ClientOptions OPTIONS =
            ClientOptions.defaults()
                    .withMinorVersion(0)
                    .withCapabilities(Capabilities.DEFAULTS.withMaxMsgFds(16));

    @TempDir Path directory;
    FakeServer server;

    @BeforeEach
    void listen() {
        server = FakeServer.listen(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    VfioUserClient connect() {
        return connect(OPTIONS);
    }

    VfioUserClient connect(ClientOptions options) {
        var connecting = VfioUserClient.connectAsync(server.socket(), options);
        server.negotiate();
        return connecting.join();
    }

    static <T> CompletableFuture<T> beside(Callable<T> call) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return call.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    static CompletableFuture<Void> beside(Runnable call) {
        return CompletableFuture.runAsync(call);
    }
}
