// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice What `Jobs` needs of the token in which it pays.
interface IToken {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// @title A small implementation of the draft ERC-8183: jobs with an escrowed budget and an evaluator
/// @notice A job is open, funded, submitted, and at last completed, rejected or expired. Without hooks and fees.
contract Jobs {
    enum Status {
        Open,
        Funded,
        Submitted,
        Completed,
        Rejected,
        Expired
    }

    struct Job {
        address client;
        Status status;
        address provider;
        address evaluator;
        uint64 expiredAt;
        uint256 budget;
        bytes32 description;
    }

    IToken public immutable token;
    uint256 public jobCount;
    /// @notice The sum of the budgets that are held for jobs.
    uint256 public escrow;
    mapping(uint256 jobId => Job) internal _jobs;

    event JobCreated(
        uint256 indexed jobId,
        address indexed client,
        address indexed provider,
        address evaluator,
        uint256 expiredAt
    );
    event ProviderSet(uint256 indexed jobId, address indexed provider);
    event BudgetSet(uint256 indexed jobId, uint256 amount);
    event JobFunded(uint256 indexed jobId, address indexed client, uint256 amount);
    event JobSubmitted(uint256 indexed jobId, address indexed provider, bytes32 deliverable);
    event JobCompleted(uint256 indexed jobId, address indexed evaluator, bytes32 reason);
    event JobRejected(uint256 indexed jobId, address indexed rejector, bytes32 reason);
    event JobExpired(uint256 indexed jobId);
    event PaymentReleased(uint256 indexed jobId, address indexed provider, uint256 amount);
    event Refunded(uint256 indexed jobId, address indexed client, uint256 amount);

    error NotAllowed(uint256 jobId, address caller);
    error WrongStatus(uint256 jobId, Status status);
    error WrongBudget(uint256 jobId, uint256 budget, uint256 expected);
    error NotExpired(uint256 jobId, uint256 expiredAt);
    error ExpiryInThePast(uint256 expiredAt);
    error ZeroEvaluator();
    error ProviderIsSet(uint256 jobId);
    error ProviderIsNotSet(uint256 jobId);
    error PaymentFailed(address to, uint256 amount);

    constructor(IToken token_) {
        token = token_;
    }

    function createJob(
        address provider,
        address evaluator,
        uint256 expiredAt,
        string calldata description,
        address hook
    ) external returns (uint256 jobId) {
        if (hook != address(0)) revert NotAllowed(jobCount, hook);
        if (evaluator == address(0)) revert ZeroEvaluator();
        if (expiredAt <= block.timestamp) revert ExpiryInThePast(expiredAt);
        jobId = jobCount++;
        _jobs[jobId] = Job({
            client: msg.sender,
            status: Status.Open,
            provider: provider,
            evaluator: evaluator,
            expiredAt: uint64(expiredAt),
            budget: 0,
            description: keccak256(bytes(description))
        });
        emit JobCreated(jobId, msg.sender, provider, evaluator, expiredAt);
    }

    function setProvider(uint256 jobId, address provider, bytes calldata) external {
        Job storage job = _jobOf(jobId, Status.Open);
        _only(jobId, job.client);
        if (job.provider != address(0)) revert ProviderIsSet(jobId);
        job.provider = provider;
        emit ProviderSet(jobId, provider);
    }

    function setBudget(uint256 jobId, uint256 amount, bytes calldata) external {
        Job storage job = _jobOf(jobId, Status.Open);
        if (msg.sender != job.provider) _only(jobId, job.client);
        job.budget = amount;
        emit BudgetSet(jobId, amount);
    }

    function fund(uint256 jobId, uint256 expectedBudget, bytes calldata) external {
        Job storage job = _jobOf(jobId, Status.Open);
        _only(jobId, job.client);
        if (job.provider == address(0)) revert ProviderIsNotSet(jobId);
        uint256 budget = job.budget;
        if (budget == 0 || budget != expectedBudget) revert WrongBudget(jobId, budget, expectedBudget);
        job.status = Status.Funded;
        escrow += budget;
        emit JobFunded(jobId, msg.sender, budget);
        if (!token.transferFrom(msg.sender, address(this), budget)) revert PaymentFailed(address(this), budget);
    }

    function submit(uint256 jobId, bytes32 deliverable, bytes calldata) external {
        Job storage job = _jobOf(jobId, Status.Funded);
        _only(jobId, job.provider);
        job.status = Status.Submitted;
        emit JobSubmitted(jobId, msg.sender, deliverable);
    }

    function complete(uint256 jobId, bytes32 reason, bytes calldata) external {
        Job storage job = _jobOf(jobId, Status.Submitted);
        _only(jobId, job.evaluator);
        job.status = Status.Completed;
        emit JobCompleted(jobId, msg.sender, reason);
        emit PaymentReleased(jobId, job.provider, job.budget);
        _release(job.provider, job.budget);
    }

    function reject(uint256 jobId, bytes32 reason, bytes calldata) external {
        Job storage job = _jobs[jobId];
        Status status = job.status;
        if (status > Status.Submitted) revert WrongStatus(jobId, status);
        _only(jobId, status == Status.Open ? job.client : job.evaluator);
        job.status = Status.Rejected;
        emit JobRejected(jobId, msg.sender, reason);
        if (status != Status.Open) _refund(jobId, job);
    }

    function claimRefund(uint256 jobId) external {
        Job storage job = _jobs[jobId];
        Status status = job.status;
        if (status != Status.Funded && status != Status.Submitted) revert WrongStatus(jobId, status);
        if (block.timestamp < job.expiredAt) revert NotExpired(jobId, job.expiredAt);
        job.status = Status.Expired;
        emit JobExpired(jobId);
        _refund(jobId, job);
    }

    function getJob(uint256 jobId) external view returns (Job memory) {
        return _jobs[jobId];
    }

    function _jobOf(uint256 jobId, Status status) internal view returns (Job storage job) {
        job = _jobs[jobId];
        if (job.status != status) revert WrongStatus(jobId, job.status);
    }

    function _only(uint256 jobId, address account) internal view {
        if (msg.sender != account) revert NotAllowed(jobId, msg.sender);
    }

    function _refund(uint256 jobId, Job storage job) internal {
        emit Refunded(jobId, job.client, job.budget);
        _release(job.client, job.budget);
    }

    function _release(address to, uint256 amount) internal {
        escrow -= amount;
        if (!token.transfer(to, amount)) revert PaymentFailed(to, amount);
    }
}
