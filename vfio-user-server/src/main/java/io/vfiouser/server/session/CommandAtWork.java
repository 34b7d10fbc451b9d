package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.dispatch.CommandRunner;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The command of a session that may take its time: one that its device finishes later, while the
/// ones behind it are held. Belongs to the loop.
final class CommandAtWork {
    private final DeviceHost host;
    private final Session session;
    private final Answers answers;
    private long number;
    private int messageId;
    private int command;
    private boolean wantsReply;

    CommandAtWork(DeviceHost host, Session session, Answers answers) {
        this.host = host;
        this.session = session;
        this.answers = answers;
    }

    /// Runs a command that is no access to a region, and answers it now or later.
    ///
    /// @param frame the whole message, borrowed
    /// @param descriptors of it; what is left in there is the caller's to close
    void run(
            CommandRunner commands,
            ByteBuf frame,
            FdBundle descriptors,
            int messageId,
            int command,
            boolean noReply) {
        switch (commands.run(frame, descriptors)) {
            case Answer.Now(ServerReply reply, FdBundle attached) -> {
                if (noReply) {
                    ReferenceCountUtil.release(reply);
                    attached.close();
                } else {
                    answers.reply(messageId, command, reply, attached);
                }
            }
            case Answer.Later(CompletionStage<? extends ServerReply> stage) ->
                    await(
                            stage,
                            messageId,
                            command,
                            noReply,
                            reply -> {
                                if (noReply) {
                                    ReferenceCountUtil.release(reply);
                                } else {
                                    answers.reply(messageId, command, reply, FdBundle.empty());
                                }
                            },
                            () -> {});
        }
    }

    /// Lets a command finish later: the ones behind it are held, it is answered, they go on.
    ///
    /// @param answer sends the reply; not called if the client has gone
    /// @param release frees what the command holds; always called
    <T extends @Nullable Object> void await(
            CompletionStage<T> stage,
            int messageId,
            int command,
            boolean noReply,
            Consumer<T> answer,
            Runnable release) {
        session.raise(Session.BUSY);
        long mine = ++number;
        this.messageId = messageId;
        this.command = command;
        this.wantsReply = !noReply;
        stage.whenComplete((result, error) ->
                host.onLoop(() -> {
                    if (mine != number) { // abandoned
                        ReferenceCountUtil.release(result);
                        release.run();
                        return;
                    }
                    session.clear(Session.BUSY);
                    if (session.isEnded()) {
                        ReferenceCountUtil.release(result);
                    } else {
                        finish(messageId, command, noReply, () -> answer.accept(result), error);
                    }
                    session.commandEnds();
                    release.run();
                    session.goOn();
                }));
    }

    /// Answers the command that is at work, if one is, as its device will not, and goes on with the
    /// next; what the command holds stays held for as long as the device may use it.
    void abandon(String reason) {
        if (!session.isBusy()) {
            return;
        }
        number++;
        session.clear(Session.BUSY);
        if (wantsReply) {
            answers.refuse(messageId, command, false, new DeviceException(Errno.EIO, reason));
        }
        session.commandEnds();
        session.goOn();
    }

    private void finish(
            int messageId,
            int command,
            boolean noReply,
            Runnable answer,
            @Nullable Throwable error) {
        if (error != null) {
            answers.refuse(messageId, command, noReply, error);
            return;
        }
        try {
            answer.run();
        } catch (RuntimeException e) {
            answers.refuse(messageId, command, noReply, e);
        }
    }
}
